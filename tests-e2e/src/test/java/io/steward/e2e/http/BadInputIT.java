package io.steward.e2e.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.e2e.stage.Answer;
import io.steward.e2e.stage.Stage;
import io.steward.e2e.stage.StageExtension;
import io.steward.e2e.stage.WallTime;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/// Bad input of every kind is a 400 that names what is wrong, and leaves nothing behind. The cases
/// are the lines of `bad-input.txt`.
@ExtendWith(StageExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputIT {
  private record Case(String path, String body, String named) {
    @Override
    public String toString() {
      return path + " " + (body.length() > 120 ? body.substring(0, 120) + "…" : body);
    }
  }

  @SuppressWarnings("UnusedVariable") // read by JUnit
  private static final List<Case> CASES = cases();

  private static final Pattern LONG = Pattern.compile("<<(\\D?)(\\d+)>>");

  private final Stage stage;
  private String session = "";
  private String vault = "";
  private String credential = "";

  BadInputIT(Stage stage) {
    this.stage = stage;
  }

  @BeforeAll
  void makeSession() {
    session = stage.createSession(stage.plainAgentId());
  }

  @BeforeAll
  void makeVault() throws Exception {
    vault = stage.api().post("/v1/vaults", "{\"display_name\":\"bad input\"}").id();
    credential =
        stage
            .api()
            .post(
                "/v1/vaults/" + vault + "/credentials",
                "{\"auth\":{\"type\":\"static_bearer\",\"token\":\"t\",\"mcp_server_url\":\"https://a.example\"}}")
            .id();
  }

  @ParameterizedTest(name = "{0}")
  @FieldSource("CASES")
  void bad_input_is_refused_by_name_and_leaves_nothing_behind(Case bad) throws Exception {
    String path = filled(bad.path());
    Answer before = stage.api().get(path);

    Answer refused = stage.api().post(path, filled(bad.body()));

    assertEquals(400, refused.status(), () -> bad + " -> " + refused);
    assertEquals("invalid_request_error", refused.errorType(), () -> bad + " -> " + refused);
    assertTrue(refused.errorMessage().contains(bad.named()), () -> bad + " -> " + refused);
    assertTrue(refused.header("request-id").startsWith("req_"));
    assertFalse(refused.text().contains("\\tat "), "a stack trace: " + refused.text());
    assertFalse(refused.text().contains("Exception"), refused.text());
    assertEquals(
        WallTime.without(before.body()),
        WallTime.without(stage.api().get(path).body()),
        bad::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/agents?limit=0,limit",
    "/v1/agents?limit=101,limit",
    "/v1/agents?limit=x,limit",
    "/v1/agents?page=page_x,page",
    "/v1/agents?created_at%5Bgte%5D=soon,created_at",
    "/v1/agents?include_archived=perhaps,include_archived",
    "/v1/agents/{agent}?version=0,version",
    "/v1/agents/{agent}?version=x,version",
    "/v1/agents/{agent}/versions?limit=0,limit",
    "/v1/environments?limit=0,limit",
    "/v1/environments?page=page_x,page",
    "/v1/environments?include_archived=perhaps,include_archived",
    "/v1/environments/{environment}/keys?limit=101,limit",
    "/v1/environments/{environment}/keys?page=page_x,page",
    "/v1/vaults?limit=0,limit",
    "/v1/vaults?limit=101,limit",
    "/v1/vaults?page=page_x,page",
    "/v1/vaults?include_archived=perhaps,include_archived",
    "/v1/vaults/{vault}/credentials?limit=x,limit",
    "/v1/vaults/{vault}/credentials?page=page_x,page",
    "/v1/sessions?order=up,order",
    "/v1/sessions?include_archived=perhaps,include_archived",
    "/v1/sessions/{session}/threads?limit=0,limit",
    "/v1/sessions/{session}/threads?page=page_x,page",
  })
  void bad_parameters_are_refused_by_name(String path, String named) throws Exception {
    Answer refused = stage.api().get(filled(path));

    assertEquals(400, refused.status(), () -> path + " -> " + refused);
    assertEquals("invalid_request_error", refused.errorType());
    assertTrue(refused.errorMessage().contains(named), () -> path + " -> " + refused);
  }

  private String filled(String template) {
    String json =
        template
            .replace('\'', '"')
            .replace("$name", "\"name\":\"bad input\"")
            .replace("$model", "\"model\":\"" + Stage.MODEL + "\"")
            .replace("{agent}", stage.plainAgentId())
            .replace("{environment}", stage.environmentId())
            .replace("{session}", session)
            .replace("{vault}", vault)
            .replace("{credential}", credential);
    return LONG.matcher(json)
        .replaceAll(match ->
            (match.group(1).isEmpty() ? "x" : match.group(1))
                .repeat(Integer.parseInt(match.group(2))));
  }

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    try (InputStream in = BadInputIT.class.getResourceAsStream("/bad-input.txt")) {
      byte[] bytes = Objects.requireNonNull(in, "bad-input.txt").readAllBytes();
      Stream<String> lines = new String(bytes, StandardCharsets.UTF_8).lines();
      lines
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.split("\\|", -1))
          .forEach(cell -> cases.add(new Case(cell[0].strip(), cell[1].strip(), cell[2].strip())));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return cases;
  }
}
