from django.db.backends.postgresql import features


class DatabaseFeatures(features.DatabaseFeatures):
    # with the key (id, county), PostgreSQL cannot derive the other columns of a row from id alone
    allows_group_by_selected_pks = False
