package io.steward.vaultproxy.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.steward.vaultproxy.clone.CloneFailure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GitHostsTest {
  private final GitHosts hosts = new GitHosts(List.of("GitHub.com", " git.example:8443 ", ""));

  @Test
  void a_listed_host_is_named_as_secrets_name_it() throws CloneFailure {
    assertEquals("github.com", hosts.require("https://github.com/a/b"));
    assertEquals("github.com", hosts.require("https://GITHUB.com:443/a/b"));
    assertEquals("git.example:8443", hosts.require("https://git.example:8443/a"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://github.com/a/b",
        "ssh://github.com/a/b",
        "file:///etc",
        "https://github.com.evil.example/a/b",
        "https://git.example/a",
        "https://github.com:8443/a",
        "https://169.254.169.254/latest",
        "https://user:pass@github.com/a/b",
        "https://github.com@evil.example/a/b",
        "https://github.com/a/b?x=1",
        "https://github.com/a/b#c",
        "github.com/a/b",
        "https:///a",
        "not a url"
      })
  void anything_else_is_refused(String url) {
    assertThrows(CloneFailure.class, () -> hosts.require(url));
  }
}
