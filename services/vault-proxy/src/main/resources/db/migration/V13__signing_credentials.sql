-- Two more secrets, those of credentials of the type x_aws_sigv4.
ALTER TABLE vault_secret DROP CONSTRAINT vault_secret_field_check;
ALTER TABLE vault_secret ADD CONSTRAINT vault_secret_field_check CHECK
  (field IN ('token', 'access_token', 'refresh_token', 'client_secret', 'secret_value',
    'secret_access_key', 'session_token'));
