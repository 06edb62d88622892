from yijiaan.core.permissions import declare

WRITE = declare("tabular.write", "写导出的文件")
