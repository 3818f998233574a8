package io.steward.vaultproxy.vault;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a token endpoint gave for a refresh token.
///
/// @param expiresAt when the access token expires, or null when it did not say
/// @param refreshToken the next one, or null when the old one stays
public record GrantedTokens(
    SecretValue accessToken, @Nullable Instant expiresAt, @Nullable SecretValue refreshToken) {}
