"""事件诉求: the one case base. A report is what one person said; a case is what has to be done about it.

Tables: `Category`, `Duty` (who handles what), `Report`, `Reporter` (the sealed vault), `Case`, `Assignment`, `Outcome`,
`Rating`, `Note`. States and moves: `flows.py`. Deeds: `actions/`. The fast door of public intake: `intake_fast.py`.
"""
