"""Coordinates: CGCS2000 (WGS 84 to within centimetres) is stored; the systems of Chinese maps end at the edge.

GCJ-02 is the shifted grid of AMap, Tencent and WeChat, BD-09 that of Baidu. Both are some hundred metres off.
"""

from math import asin, atan2, cos, isfinite, pi, radians, sin, sqrt

from yijiaan.core.errors import RuleError

CRS = ("wgs84", "cgcs2000", "gcj02", "bd09")
EARTH_RADIUS_M = 6_371_008.8

_AXIS = 6_378_245.0  # Krasovsky 1940, on which the shift of GCJ-02 is defined
_ECCENTRICITY = 0.006_693_421_622_965_943
_BD = pi * 3000 / 180
_WEST, _EAST, _SOUTH, _NORTH = 73.0, 136.0, 3.0, 54.0
_ENOUGH = 1e-9  # degrees: a tenth of a millimetre

Point = tuple[float, float]  # lon, lat


def to_cgcs2000(lon: float, lat: float, crs: str = "wgs84") -> Point:
    """A point as it is stored. RuleError `unknown_crs` for a system we do not know."""
    match crs.lower():
        case "wgs84" | "cgcs2000":
            return lon, lat
        case "gcj02":
            return gcj02_to_wgs84(lon, lat)
        case "bd09":
            return bd09_to_wgs84(lon, lat)
    raise RuleError("unknown_crs", "坐标系只能是 wgs84、cgcs2000、gcj02 或 bd09，请检查。", "crs")


def from_cgcs2000(lon: float, lat: float, crs: str) -> Point:
    """A stored point for an outside map."""
    match crs.lower():
        case "wgs84" | "cgcs2000":
            return lon, lat
        case "gcj02":
            return wgs84_to_gcj02(lon, lat)
        case "bd09":
            return wgs84_to_bd09(lon, lat)
    raise RuleError("unknown_crs", "坐标系只能是 wgs84、cgcs2000、gcj02 或 bd09，请检查。", "crs")


def check_point(lon: float | None, lat: float | None, field: str = "lon") -> None:
    """RuleError when this cannot be a place in China. Both empty is no place, and fine."""
    if lon is None and lat is None:
        return
    if lon is None or lat is None:
        raise RuleError("bad_coordinates", "经度和纬度要么都填，要么都不填，请补全。", field)
    if not isfinite(lon) or not isfinite(lat):
        raise RuleError("bad_coordinates", "经纬度应是数字，例如经度 116.66、纬度 35.64，请检查。", field)
    if in_china(lon, lat):
        return
    if in_china(lat, lon):
        raise RuleError(
            "swapped_coordinates", "经度和纬度填反了：经度在前（例如 116.66），纬度在后（例如 35.64）。", field
        )
    if abs(lon) > 180 or abs(lat) > 90:
        raise RuleError("bad_coordinates", "经度应在 −180 到 180 之间，纬度应在 −90 到 90 之间，请检查。", field)
    raise RuleError("outside_china", "这个位置不在中国境内，请在地图上重新选点，或者不填位置只写地址。", field)


def in_china(lon: float, lat: float) -> bool:
    """Whether a point lies in the rectangle around China."""
    return _WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Metres between two points on the sphere (haversine)."""
    half_lat, half_lon = radians(lat2 - lat1) / 2, radians(lon2 - lon1) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))


def wgs84_to_gcj02(lon: float, lat: float) -> Point:
    """The shifted grid; outside China there is no shift."""
    if not in_china(lon, lat):
        return lon, lat
    east, north = lon - 105, lat - 35
    common = (20 * sin(6 * east * pi) + 20 * sin(2 * east * pi)) * 2 / 3
    shift_lat = -100 + 2 * east + 3 * north + 0.2 * north * north + 0.1 * east * north + 0.2 * sqrt(abs(east)) + common
    shift_lat += (20 * sin(north * pi) + 40 * sin(north / 3 * pi)) * 2 / 3
    shift_lat += (160 * sin(north / 12 * pi) + 320 * sin(north * pi / 30)) * 2 / 3
    shift_lon = 300 + east + 2 * north + 0.1 * east * east + 0.1 * east * north + 0.1 * sqrt(abs(east)) + common
    shift_lon += (20 * sin(east * pi) + 40 * sin(east / 3 * pi)) * 2 / 3
    shift_lon += (150 * sin(east / 12 * pi) + 300 * sin(east / 30 * pi)) * 2 / 3
    flat = 1 - _ECCENTRICITY * sin(radians(lat)) ** 2
    lat_radius = _AXIS * (1 - _ECCENTRICITY) / flat**1.5
    lon_radius = _AXIS / sqrt(flat) * cos(radians(lat))
    return lon + shift_lon * 180 / (lon_radius * pi), lat + shift_lat * 180 / (lat_radius * pi)


def gcj02_to_wgs84(lon: float, lat: float) -> Point:
    """Back from the shifted grid, by iteration: the shift has no inverse formula."""
    guess_lon, guess_lat = lon, lat
    for _ in range(20):
        there_lon, there_lat = wgs84_to_gcj02(guess_lon, guess_lat)
        off_lon, off_lat = lon - there_lon, lat - there_lat
        guess_lon, guess_lat = guess_lon + off_lon, guess_lat + off_lat
        if abs(off_lon) < _ENOUGH and abs(off_lat) < _ENOUGH:
            break
    return guess_lon, guess_lat


def wgs84_to_bd09(lon: float, lat: float) -> Point:
    """Baidu's grid on top of GCJ-02."""
    return _gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: float, lat: float) -> Point:
    """Back from Baidu's grid, by iteration."""
    guess_lon, guess_lat = lon - 0.0065, lat - 0.006
    for _ in range(20):
        there_lon, there_lat = _gcj02_to_bd09(guess_lon, guess_lat)
        off_lon, off_lat = lon - there_lon, lat - there_lat
        guess_lon, guess_lat = guess_lon + off_lon, guess_lat + off_lat
        if abs(off_lon) < _ENOUGH and abs(off_lat) < _ENOUGH:
            break
    return gcj02_to_wgs84(guess_lon, guess_lat)


def _gcj02_to_bd09(lon: float, lat: float) -> Point:
    length = sqrt(lon * lon + lat * lat) + 0.000_02 * sin(lat * _BD)
    angle = atan2(lat, lon) + 0.000_003 * cos(lon * _BD)
    return length * cos(angle) + 0.0065, length * sin(angle) + 0.006
