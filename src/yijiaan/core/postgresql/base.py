from django.db.backends.postgresql import base

from yijiaan.core.postgresql.features import DatabaseFeatures


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
