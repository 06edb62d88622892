"""One message, many channels: before a unit inside the product, to a person outside it by SMS or by a telephone call.

Tables: `Notice` (inside), `Message` (to a person outside; the states of DOMAIN 3.16). Deeds: `notify`, `mark_read`,
`queue_messages`, `claim_messages`, `settle_message`, `note_delivery`, `resend_message`, `note_call`. Who carries an SMS says so
in `providers`; the engine knows no gateway.
"""
