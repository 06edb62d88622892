from yijiaan.core.permissions import declare

WRITE = declare("tabular.write", "写导出的文件")
IMPORT = declare("tabular.import", "导入表格", roles=("dispatcher", "centre_head", "county_dispatcher"))
