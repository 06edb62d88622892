"""Work after the answer: procrastinate's queue in our database, and the worker process.

Table: `Heartbeat`, the sign of life of a worker. Jobs stand in each app's `jobs.py`, made by `app.task` and `app.periodic`.
`queue.defer` puts a job into the transaction of the deed; `queue.wake` tells the worker after commit, in a transaction
of its own: a NOTIFY inside a data transaction makes all commits wait for one another, so that trigger is disabled.
`pumps.register` names a function that the worker calls about once a second, such as the delivery of the journal.
A job may run twice: make it harmless. Jobs of a killed worker are retried within two minutes.
"""
