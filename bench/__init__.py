"""The benchmark suite, outside the product: fills a scratch database, loads a running server over HTTP, and runs pgbench with the
same SQL in alternation. `./yijiaan bench --help`.

scratch  the database and its rows      client    a load of keep-alive connections, bounded in count and time
server   granian as ./run starts it     cpu       what a request costs, read from /proc
people   who asks                       pgbench   the same statements without us
report   the table, and docs/performance.md

pages, paint, deeds, centre, jobs, intake: the operations
"""
