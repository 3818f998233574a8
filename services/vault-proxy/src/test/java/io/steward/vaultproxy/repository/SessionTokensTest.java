package io.steward.vaultproxy.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.SandboxNetwork;
import io.steward.schemas.secret.SealedSecret;
import io.steward.vaultproxy.policy.GitRepository;
import io.steward.vaultproxy.secret.Secret;
import io.steward.vaultproxy.secret.Secrets;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionTokensTest {
  private static final SessionId SESSION = SessionId.random(1);

  /// One token, of one session.
  ///
  /// @param host it was sealed for
  private record OneSecret(String host) implements Secrets {
    @Override
    public void keep(SealedSecret sealed, byte[] plaintext) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Secret> find(String id, SessionId session) {
      return id.equals("sec_1") && session.equals(SESSION)
          ? Optional.of(new Secret(host, "token".getBytes(StandardCharsets.UTF_8)))
          : Optional.empty();
    }

    @Override
    public void forget(SessionId session) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isForgotten(SessionId session) {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https://github.com/o/r, github.com, sec_1, token",
    "https://GitHub.com:443/o/r, github.com, sec_1, token",
    "https://git.example:8443/o/r, git.example:8443, sec_1, token",
    "https://git.example:8443/o/r, git.example, sec_1, ",
    "https://github.com/o/r, other.example, sec_1, ",
    "https://github.com/o/r, github.com, sec_2, ",
    "https://other.example/o/r, other.example, sec_1, "
  })
  void a_token_is_for_its_host_if_that_is_a_git_host(
      String url, String host, String secretId, String token) {
    SessionTokens tokens =
        new SessionTokens(
            new OneSecret(host), new GitHosts(List.of("github.com", "git.example:8443")));
    GitRepository repository =
        GitRepository.of(new SandboxNetwork.Repository(url, secretId)).orElseThrow();
    assertEquals(
        Optional.ofNullable(token),
        tokens.find(SESSION, repository).map(bytes -> new String(bytes, StandardCharsets.UTF_8)));
  }
}
