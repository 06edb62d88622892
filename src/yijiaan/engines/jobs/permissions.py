from yijiaan.core.permissions import declare

BEAT = declare("jobs.beat", "记录后台进程心跳")
