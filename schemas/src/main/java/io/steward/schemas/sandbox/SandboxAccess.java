package io.steward.schemas.sandbox;

import io.steward.schemas.agent.EnvironmentConfig.Networking;

/// What the egress proxy has to know to let a sandbox out.
///
/// @param tokenSha256 SHA-256 of the token the sandbox's connections carry, as 64 hexadecimal
///   digits in lower case
/// @param networking of the environment, as it was when the sandbox was made
public record SandboxAccess(
    String tokenSha256, String workspaceId, Networking networking, SandboxNetwork network) {}
