"""演示: a town made by calling the actions with the clock set, so that every row could have come from a user.

`land` draws the grids, `people` fills units and posts, `stories` lives some weeks of cases. All persons and phones are invented;
numbers begin with 154, which no operator has. Accounts and their password are kept in var/demo.json.
"""
