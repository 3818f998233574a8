package io.steward.sessionlog.resource;

import static io.steward.sessionlog.Samples.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.resource.SessionResource.Checkout;
import io.steward.sessionlog.http.Field;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceParserTest {
  private static final String UPLOADS = "/mnt/session/uploads/";
  private static final String TOKEN = "ghp_53cr3t";

  private final ResourceParser parser =
      ResourceParser.of(List.of("github.com", " Git.Example.com:443 ", "localhost:8443"));

  @ParameterizedTest
  @CsvSource({
    "/data.csv,data.csv",
    "/workspace/data.csv,workspace/data.csv",
    "/uploads/receipt.pdf,uploads/receipt.pdf",
    "data.csv,data.csv",
    "./a//b/./c.txt,a/b/c.txt",
    "/mnt/session/uploads/a b.txt,a b.txt",
    "mnt/session/uploads/x,x",
    "/mnt//session/./uploads/x,x",
    "/ünï.txt,ünï.txt"
  })
  void a_file_lies_below_the_root_of_uploads_and_shows_the_path_it_was_given(
      String given, String below) {
    ResourceRequest.OfFile file =
        assertInstanceOf(ResourceRequest.OfFile.class, one(file("file_1", given)));

    assertEquals(UPLOADS + below, file.sandboxPath());
    assertEquals(given, file.mountPath());
  }

  @Test
  void a_mount_lies_no_deeper_than_the_sandbox_goes() {
    String deepest = "a/".repeat(MountPaths.DEPTH_MAX - 1) + "a";

    assertEquals(UPLOADS + deepest, one(file("file_1", deepest)).sandboxPath());
    ApiException refused =
        assertThrows(ApiException.class, () -> one(file("file_1", "/a/" + deepest)));
    assertEquals(400, refused.error().status());
    assertTrue(
        refused.error().message().contains("must have at most 32 names below /mnt/session/uploads"),
        refused.error().message());
  }

  @Test
  void a_file_without_a_path_is_found_under_the_id_the_client_knows() {
    ResourceRequest.OfFile file =
        assertInstanceOf(ResourceRequest.OfFile.class, one("{'type':'file','file_id':'file_1'}"));

    assertEquals(UPLOADS + "file_1", file.sandboxPath());
    assertEquals(UPLOADS + "file_1", file.mountPath());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "//",
        ".",
        "/mnt/session/uploads",
        "/mnt/session/uploads/",
        "../x",
        "/a/../b",
        "/mnt/session/uploads/../outputs/x",
        "/mnt/session/outputs/x",
        "/etc/passwd",
        "/proc/self/environ",
        "/usr/bin/git",
        "a\\u0001b",
        "a\\nb",
        "a\\u007fb"
      })
  void a_file_lies_nowhere_else(String given) {
    ApiException refused = assertThrows(ApiException.class, () -> one(file("file_1", given)));

    assertEquals(400, refused.error().status());
    assertTrue(
        refused.error().message().contains("resources[0].mount_path"), refused.error().message());
  }

  @Test
  void a_path_is_no_longer_than_linux_takes_it() {
    assertEquals(1, created(file("file_1", "/" + "n".repeat(255))).size());
    assertThrows(ApiException.class, () -> one(file("file_1", "/" + "n".repeat(256))));
    assertThrows(ApiException.class, () -> one(file("file_1", "/" + "ü".repeat(128))));
    String name = "/" + "ü".repeat(100);
    assertThrows(ApiException.class, () -> one(file("file_1", "/".repeat(4096) + "a")));
    assertThrows(ApiException.class, () -> one(file("file_1", name.repeat(21))));
    assertEquals(1, created(file("file_1", name.repeat(20))).size());
  }

  @ParameterizedTest
  @CsvSource({"/a,a", "/a,/mnt/session/uploads/a", "/a,/a/b", "/a/b/c,/a/b", "//a/,/./a"})
  void no_file_lies_at_the_path_of_another_or_inside_it(String one, String other) {
    ApiException refused =
        assertThrows(ApiException.class, () -> created(file("file_1", one), file("file_2", other)));

    assertTrue(refused.error().message().contains("`resources[0]`"), refused.error().message());
  }

  @Test
  void paths_that_only_begin_alike_go_together() {
    assertEquals(2, created(file("file_1", "/a"), file("file_2", "/ab")).size());
  }

  @Test
  void a_session_has_at_most_500_files_and_20_repositories() {
    assertEquals(500, created(files(500)).size());
    assertThrows(ApiException.class, () -> created(files(501)));
    assertEquals(20, created(repositories(20)).size());
    assertThrows(ApiException.class, () -> created(repositories(21)));
    assertEquals(0, parser.created(new Field("", json("{}")).field("resources")).size());
  }

  @Test
  void a_repository_is_cloned_to_the_workspace_under_its_name() {
    ResourceRequest.OfRepository repository = repository("'url':'https://GitHub.com/acme/tool.js'");

    assertEquals("/workspace/tool.js", repository.sandboxPath());
    assertEquals("/workspace/tool.js", repository.mountPath());
    assertEquals("github.com", repository.url().host());
    assertEquals("https://GitHub.com/acme/tool.js", repository.url().text());
    assertNull(repository.token());
    assertNull(repository.checkout());
  }

  @Test
  void a_host_is_compared_with_its_port() {
    assertEquals("localhost:8443", repository("'url':'https://localhost:8443/a/b'").url().host());
    assertEquals(
        "git.example.com", repository("'url':'https://git.example.com:443/a/b'").url().host());
    assertThrows(ApiException.class, () -> repository("'url':'https://localhost/a/b'"));
    assertThrows(ApiException.class, () -> repository("'url':'https://github.com:8443/a/b'"));
    assertThrows(IllegalArgumentException.class, () -> ResourceParser.of(List.of("https://x")));
    assertThrows(IllegalArgumentException.class, () -> ResourceParser.of(List.of("")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://github.com/a/b",
        "git@github.com:a/b",
        "ssh://git@github.com/a/b",
        "https://github.com/a",
        "https://github.com/a/b/",
        "https://github.com/a/b/tree/main",
        "https://github.com//b",
        "https://github.com/a/..",
        "https://github.com/./b",
        "https://github.com/a/b.git",
        "https://github.com/a/.GIT",
        "https://example.com/a/b",
        "https://github.com.example.com/a/b",
        "/a/b",
        ""
      })
  void a_repository_is_named_by_host_owner_and_name_alone(String url) {
    ApiException refused =
        assertThrows(ApiException.class, () -> repository("'url':'" + url + "'"));

    assertEquals(400, refused.error().status());
    assertTrue(refused.error().message().contains("resources[0].url"), refused.error().message());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://ghp_53cr3t@github.com/a/b",
        "https://user:ghp_53cr3t@github.com/a/b",
        "https://github.com/a/b?token=ghp_53cr3t",
        "https://github.com/a/b#ghp_53cr3t"
      })
  void a_url_that_may_hold_a_credential_is_not_repeated(String url) {
    ApiException refused =
        assertThrows(ApiException.class, () -> repository("'url':'" + url + "'"));

    assertFalse(refused.error().message().contains(TOKEN), refused.error().message());
  }

  @Test
  void a_repository_may_lie_elsewhere_in_the_workspace() {
    assertEquals(
        "/workspace/x/y",
        repository("'url':'https://github.com/a/b','mount_path':'/workspace/x//y/'").sandboxPath());
    for (String path : List.of("/workspace", "/workspace/", "x", "/tmp/x", "/workspace/../x")) {
      assertThrows(
          ApiException.class,
          () -> repository("'url':'https://github.com/a/b','mount_path':'" + path + "'"),
          path);
    }
  }

  @Test
  void no_repository_lies_inside_another() {
    String one = "{'type':'github_repository','url':'https://github.com/a/b'}";
    String inside =
        "{'type':'github_repository','url':'https://github.com/a/c','mount_path':'/workspace/b/c'}";

    assertThrows(ApiException.class, () -> created(one, one));
    assertThrows(ApiException.class, () -> created(one, inside));
    assertThrows(ApiException.class, () -> created(inside, one));
  }

  @Test
  void a_branch_or_a_commit_is_checked_out() {
    String sha = "0123456789abcdef0123456789ABCDEF01234567";

    assertEquals(new Checkout.Commit(sha), checkout("{'type':'commit','sha':'" + sha + "'}"));
    assertEquals(
        new Checkout.Branch("feature/x-1.2"), checkout("{'type':'branch','name':'feature/x-1.2'}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "'main'",
        "{'type':'tag','name':'v1'}",
        "{'type':'commit','sha':'abc123'}",
        "{'type':'commit','sha':'0123456789abcdef0123456789abcdef0123456g'}",
        "{'type':'branch'}",
        "{'type':'branch','name':'-x'}",
        "{'type':'branch','name':'a b'}",
        "{'type':'branch','name':'a..b'}",
        "{'type':'branch','name':'a~1'}",
        "{'type':'branch','name':'a:b'}",
        "{'type':'branch','name':'a@{1}'}",
        "{'type':'branch','name':'a\\\\b'}",
        "{'type':'branch','name':'/a'}",
        "{'type':'branch','name':'a/'}",
        "{'type':'branch','name':'a//b'}",
        "{'type':'branch','name':'a/.b'}",
        "{'type':'branch','name':'a.lock'}",
        "{'type':'branch','name':'a.'}",
        "{'type':'branch','name':'@'}",
        "{'type':'branch','name':'HEAD'}"
      })
  void what_git_would_not_take_is_not_checked_out(String checkout) {
    ApiException refused = assertThrows(ApiException.class, () -> checkout(checkout));

    assertTrue(
        refused.error().message().contains("resources[0].checkout"), refused.error().message());
  }

  @Test
  void a_token_is_never_printed() {
    ResourceRequest.OfRepository repository =
        repository("'url':'https://github.com/a/b','authorization_token':'" + TOKEN + "'");

    assertFalse(repository.toString().contains(TOKEN), repository.toString());
    assertTrue(repository.toString().contains("***"), repository.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"''", "'ghp_53cr3t\\n'", "'ghp_53cr3t x'", "'ghp_53cr3tü'", "{}", "53"})
  void a_token_that_no_header_takes_is_refused_and_not_repeated(String token) {
    ApiException refused =
        assertThrows(
            ApiException.class,
            () -> repository("'url':'https://github.com/a/b','authorization_token':" + token));

    assertEquals(
        "`resources[0].authorization_token` must be 1 to 4,096 visible ASCII characters.",
        refused.error().message());
  }

  @Test
  void only_files_and_repositories_are_known() {
    assertThrows(ApiException.class, () -> one("{'type':'folder'}"));
    ApiException refused = assertThrows(ApiException.class, () -> one("{'type':'memory_store'}"));
    assertTrue(refused.error().message().contains("not supported"), refused.error().message());
  }

  @Test
  void only_files_are_added_later_and_they_go_together_with_what_is_there() {
    List<io.steward.schemas.resource.SessionResource> there =
        List.of(Resources.file("sesrsc_1", "/a"));

    assertEquals(
        UPLOADS + "b",
        parser.added(new Field("", json(file("file_1", "/b"))), there).sandboxPath());
    ApiException taken =
        assertThrows(
            ApiException.class,
            () -> parser.added(new Field("", json(file("file_1", "/a/b"))), there));
    assertTrue(taken.error().message().contains("sesrsc_1"), taken.error().message());
    assertThrows(
        ApiException.class,
        () ->
            parser.added(
                new Field("", json("{'type':'github_repository','url':'https://github.com/a/b'}")),
                there));
  }

  private static String file(String id, String path) {
    return "{'type':'file','file_id':'" + id + "','mount_path':'" + path + "'}";
  }

  private static String[] files(int count) {
    return IntStream.range(0, count).mapToObj(i -> file("file_1", "/" + i)).toArray(String[]::new);
  }

  private static String[] repositories(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "{'type':'github_repository','url':'https://github.com/a/r" + i + "'}")
        .toArray(String[]::new);
  }

  private Checkout checkout(String checkout) {
    Checkout read = repository("'url':'https://github.com/a/b','checkout':" + checkout).checkout();
    assertTrue(read != null);
    return read;
  }

  private ResourceRequest.OfRepository repository(String fields) {
    return assertInstanceOf(
        ResourceRequest.OfRepository.class, one("{'type':'github_repository'," + fields + "}"));
  }

  private ResourceRequest one(String resource) {
    return created(resource).getFirst();
  }

  private List<ResourceRequest> created(String... resources) {
    String list = List.of(resources).stream().collect(Collectors.joining(","));
    return parser.created(new Field("", json("{'resources':[" + list + "]}")).field("resources"));
  }
}
