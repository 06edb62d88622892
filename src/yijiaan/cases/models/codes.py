"""What is chosen from: codes of cases and reports (DOMAIN 3.14)."""

from django.db import models


class Channel(models.TextChoices):
    HOTLINE = "hotline_12345", "12345"
    GRID_WORKER = "grid_worker", "网格员上报"
    SNAP = "snap_report", "群众随手拍"
    PLATE = "door_plate", "数字门牌"
    APP = "third_party_app", "外部小程序"
    PHONE = "phone", "来电登记"
    LETTER = "letter_visit", "信访"
    WALK = "leader_walk", "我陪群众走流程"
    MEETING = "meeting", "工作例会"
    TALK = "stool_talk", "小马扎拉呱"
    PATROL = "patrol", "巡查"
    VISIT = "home_visit", "入户走访"
    INSPECTION = "inspection", "检查"
    SENSOR = "sensor", "感知设备"
    MEDIA = "media", "媒体"
    SUPERIOR = "superior", "上级交办"
    TRUSTED = "trusted_reporter", "报事源头"


class Kind(models.TextChoices):
    HELP = "help", "求助"
    COMPLAINT = "complaint", "投诉"
    ENQUIRY = "enquiry", "咨询"
    SUGGESTION = "suggestion", "建议"
    PRAISE = "praise", "表扬"
    TIP = "tip", "举报"
    CLUE = "clue", "公益诉讼线索"


class SolvedLevel(models.TextChoices):
    GRID = "grid", "网格"
    VILLAGE = "village", "村"
    TOWN = "town", "镇"
    COUNTY = "county", "区级部门"


class Urgency(models.TextChoices):
    NORMAL = "normal", "一般"
    URGENT = "urgent", "加急"
    EMERGENCY = "emergency", "紧急"


class Supervision(models.TextChoices):
    NONE = "", "无"
    URGED = "urged", "已催办"
    SUPERVISED = "supervised", "已督办"
