"""单位用户岗位: who works where and may do what.

A user acts through a post: a role in a unit, over areas, from-to. He sees what lies in those areas or is assigned to his unit.
Tables: `User`, `Unit`, `Role` (permissions as data), `Post`, `PostArea`, `PartnerToken`, `SignIn`, `SignedIn`,
`SecondFactor`, `RecoveryCode` (local).
Deeds: `create_unit`, `create_user`, `appoint`, `end_post`, `set_password`, `end_session`, `issue_token`, `revoke_token`.
"""
