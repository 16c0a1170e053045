"""The doors that come with the framework, for test_every_door."""

# The sign-in pages of the framework: anybody may ask; what they change is behind a password asked for again.
ACCOUNT = """
account_login                        GET    –   200 302 302 302 302 302 302
account_login                        POST   –   200 302 302 302 302 302 302
account_logout                       GET    –   302 200 200 200 200 200 200
account_logout                       POST   –   302 302 302 302 302 302 302
account_inactive                     GET    –   200 200 200 200 200 200 200
account_signup                       GET    –   200 200 200 200 200 200 200
account_signup                       POST   –   200 200 200 200 200 200 200
account_reauthenticate               GET    –   302 302 302 302 302 302 302
account_reauthenticate               POST   –   302 302 302 302 302 302 302
account_email                        GET    –   302 302 302 302 302 302 302
account_email                        POST   –   302 302 302 302 302 302 302
account_email_verification_sent      GET    –   200 200 200 200 200 200 200
account_change_password              GET    –   302 302 302 302 302 302 302
account_change_password              POST   –   302 302 302 302 302 302 302
account_set_password                 GET    –   302 302 302 302 302 302 302
account_set_password                 POST   –   302 302 302 302 302 302 302
account_reset_password               GET    –   200 200 200 200 200 200 200
account_reset_password               POST   –   200 200 200 200 200 200 200
account_confirm_login_code           GET    –   302 302 302 302 302 302 302
account_confirm_login_code           POST   –   302 302 302 302 302 302 302
account_confirm_email                GET    key 200 200 200 200 200 200 200
account_confirm_email                POST   key 404 404 404 404 404 404 404
account_reset_password_from_key_done GET    –   200 200 200 200 200 200 200
account_reset_password_done          GET    –   200 200 200 200 200 200 200
"""
