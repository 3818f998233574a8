package io.steward.agentconfig.environments;

import io.steward.schemas.agent.EnvironmentKey;
import io.steward.schemas.secret.BearerSecret;

/// What a worker sends as its bearer. It goes into one response; what is kept of it is its hash.
///
/// @param value `sk-ant-env01-` and 43 characters of base64url
record KeyText(String value) {
  static KeyText random() {
    return new KeyText(BearerSecret.random(EnvironmentKey.PREFIX));
  }

  /// 64 lower-case hex digits.
  String sha256() {
    return BearerSecret.sha256(value);
  }

  @Override
  public String toString() {
    return "***";
  }
}
