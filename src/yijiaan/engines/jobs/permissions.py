from yijiaan.core.permissions import declare

BEAT = declare("jobs.beat", "记录后台进程心跳")
RETRY = declare("jobs.retry", "重做没有做成的后台任务", roles=("county_admin",))
