package io.steward.vaultproxy.repository;

import io.steward.schemas.id.SessionId;
import io.steward.vaultproxy.policy.GitRepository;
import io.steward.vaultproxy.proxy.RepositoryTokens;
import io.steward.vaultproxy.secret.Secret;
import io.steward.vaultproxy.secret.Secrets;
import java.util.Optional;

/// The tokens sessions brought for their repositories, each for the host it was sealed for and no
/// other, and only for hosts this installation clones from.
public final class SessionTokens implements RepositoryTokens {
  private final Secrets secrets;
  private final GitHosts hosts;

  public SessionTokens(Secrets secrets, GitHosts hosts) {
    this.secrets = secrets;
    this.hosts = hosts;
  }

  @Override
  public Optional<byte[]> find(SessionId session, GitRepository repository) {
    String host = GitHosts.normalized(repository.endpoint().toString());
    if (!hosts.lists(host)) {
      return Optional.empty();
    }
    Optional<Secret> found = secrets.find(repository.secretId(), session);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try (Secret secret = found.get()) {
      return secret.host().equals(host) ? Optional.of(secret.bytes().clone()) : Optional.empty();
    }
  }
}
