"""What kind of device a browser says it runs on, in words by which people know their own."""

_SYSTEMS = (
    ("iPad", "苹果平板"),
    ("iPhone", "苹果手机"),
    ("HarmonyOS", "华为手机"),
    ("OpenHarmony", "华为手机"),
    ("Android", "安卓手机"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "苹果电脑"),
    ("Linux", "Linux 电脑"),
)
# those that also call themselves Chrome or Safari stand first
_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg", "Edge 浏览器"),
    ("QQBrowser", "QQ 浏览器"),
    ("360SE", "360 浏览器"),
    ("HuaweiBrowser", "华为浏览器"),
    ("UCBrowser", "UC 浏览器"),
    ("Firefox", "火狐浏览器"),
    ("Chrome", "Chrome 浏览器"),
    ("Safari", "Safari 浏览器"),
)


def device_words(agent: str) -> str:
    """安卓手机，微信; 不认识的设备 when the browser says nothing known."""
    found = [next((words for sign, words in table if sign in agent), "") for table in (_SYSTEMS, _BROWSERS)]
    return "，".join(words for words in found if words) or "不认识的设备"
