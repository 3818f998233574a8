package io.steward.vaultproxy.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.steward.schemas.sandbox.SandboxNetwork;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GitRepositoryTest {
  private static final String SECRET_ID = "sec_1";

  @ParameterizedTest
  @CsvSource({
    "https://github.com/owner/repo, github.com:443, /owner/repo",
    "https://GitHub.com:443/owner/repo.git, github.com:443, /owner/repo",
    "https://git.example:8443/a/b/c.d/, git.example:8443, /a/b/c.d",
    "https://github.com/owner/../other/repo, github.com:443, /other/repo"
  })
  void a_url_names_a_repository(String url, String endpoint, String path) {
    GitRepository repository = of(url).orElseThrow();
    assertEquals(endpoint, repository.endpoint().toString());
    assertEquals(path, repository.path());
    assertEquals(SECRET_ID, repository.secretId());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://github.com/owner/repo",
        "https://me:secret@github.com/owner/repo",
        "https://github.com/",
        "https://github.com/owner/repo?a=b",
        "https://github.com/owner%2Frepo",
        "https://github.com//owner/repo",
        "git@github.com:owner/repo.git"
      })
  void other_urls_name_none(String url) {
    assertEquals(Optional.empty(), of(url));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /owner/repo/info/refs?service=git-upload-pack",
    "GET, /owner/repo.git/info/refs?service=git-receive-pack",
    "POST, /owner/repo/git-upload-pack",
    "POST, /owner/repo.git/git-receive-pack"
  })
  void git_asks_for_its_references_and_its_packs(String method, String target) {
    assertEquals(true, of("https://github.com/owner/repo.git").orElseThrow().asks(method, target));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /owner/repo",
    "GET, /owner/repo/info/refs",
    "GET, /owner/repo/info/refs?service=git-upload-pack&a=b",
    "GET, /owner/repo/info/refs?service=git-upload-archive",
    "POST, /owner/repo/info/refs?service=git-upload-pack",
    "GET, /owner/repo/git-upload-pack",
    "POST, /owner/repo/git-upload-pack?a=b",
    "POST, /owner/repo/git-upload-pack/",
    "POST, /owner/repo/../other/git-upload-pack",
    "POST, /owner/%72epo/git-upload-pack",
    "POST, /owner//repo/git-upload-pack",
    "POST, //owner/repo/git-upload-pack",
    "POST, /owner/repo2/git-upload-pack",
    "POST, /owner/repo.git.git/git-upload-pack",
    "POST, /owner/Repo/git-upload-pack",
    "POST, /x/owner/repo/git-upload-pack",
    "POST, /owner/repo/x/git-upload-pack",
    "POST, /owner/repo.git/info/lfs/objects/batch",
    "GET, /repos/owner/repo",
    "POST, *"
  })
  void nothing_else_is_its_request(String method, String target) {
    assertFalse(of("https://github.com/owner/repo").orElseThrow().asks(method, target));
  }

  @Test
  void a_repository_that_ends_with_git_twice_keeps_one() {
    assertEquals("/o/r.git", of("https://github.com/o/r.git.git").orElseThrow().path());
  }

  private static Optional<GitRepository> of(String url) {
    return GitRepository.of(new SandboxNetwork.Repository(url, SECRET_ID));
  }
}
