from yijiaan.core.permissions import declare

AUDIT = declare("journal.audit", "查审计日志", roles=("auditor",))
ERASE = declare("journal.erase_person", "依法删除日志里的个人信息", roles=("security_admin",))
