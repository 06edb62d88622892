"""The benchmark suite, outside the product: fills a scratch database, loads a running server over HTTP, and runs pgbench with the
same SQL in alternation. `./yijiaan bench --help`.

scratch  the database and its rows      client    a load of keep-alive connections, bounded in count and time
server   granian as ./run starts it     pgbench   the same statements without us
measure  the operations                 report    the table, and docs/performance.md
"""
