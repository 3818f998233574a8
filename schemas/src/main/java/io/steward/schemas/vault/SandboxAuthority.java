package io.steward.schemas.vault;

import java.time.Instant;

/// The certificate authority that sandboxes have to trust, because the egress proxy answers TLS
/// with its certificates: a record of `vaults` under the key [#RECORD_KEY]. The newest one is used.
///
/// @param certificatePem one certificate in PEM; holds no secret
public record SandboxAuthority(String certificatePem, Instant createdAt) {
  public static final String TYPE = "vault.sandbox_authority";
  public static final String RECORD_KEY = "sandbox-authority";
}
