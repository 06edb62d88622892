"""Tables that leave and enter as files: a long list written to xlsx in the background, with its course shown.

Table: `Export`, one wish of one post. An app names its lists (`providers.register_export`) and queues a wish by
`actions.request_export`; the worker writes it, a page of the portal shows how far it is and hands the file over to who asked.
Files lie under the setting `EXPORTS` and go after some days.
"""
