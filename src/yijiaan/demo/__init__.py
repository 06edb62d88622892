"""演示: a county made by calling the actions with the clock set, so that every row could have come from a user.

`land` draws the grids, `people` fills units and posts, `plans` draws what will be told (from the sentences in `data/`, by the days of
`seasons`), `life` lets it happen in the order of time: each case is a thread of deeds (`tellers`) that waits for the hours (`hours`) of
whoever acts. The same day gives the same story, but for the keyed sample of what is verified. All persons and phones are invented;
numbers begin with 154, which no operator has. Accounts and their password are kept in var/demo.json.
"""
