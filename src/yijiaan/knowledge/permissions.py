from yijiaan.core.permissions import declare

CENTRE = ("dispatcher", "centre_head", "county_dispatcher")
READ = declare("knowledge.read", "查知识库", roles=(*CENTRE, "handler", "grid_worker", "grid_head", "town_leader"))
WRITE = declare("knowledge.write", "写知识库", roles=(*CENTRE, "handler"))
