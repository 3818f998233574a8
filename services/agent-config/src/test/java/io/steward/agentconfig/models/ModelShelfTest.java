package io.steward.agentconfig.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.agentconfig.http.Query;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import io.steward.schemas.model.CatalogException;
import io.steward.schemas.model.ModelCatalog;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelShelfTest {
  /// Newest first: d, c (retired), b (deprecated), a, z (no date).
  private static final ModelShelf SHELF =
      new ModelShelf(
          catalog(
              """
              providers: {p: {kind: openai}, q: {kind: openai}}
              models:
                - {id: z, provider: p, context_window: 10, output_tokens_max: 5}
                - id: a
                  provider: p
                  display_name: The A
                  created_at: 2026-01-01
                  line: opus
                  context_window: 200000
                  output_tokens_max: 64000
                  efforts: [low, max]
                  images: true
                - id: b
                  provider: p
                  created_at: 2026-02-01
                  lifecycle: deprecated
                  context_window: 10
                  output_tokens_max: 5
                - id: c
                  provider: p
                  created_at: 2026-03-01
                  lifecycle: retired
                  context_window: 10
                  output_tokens_max: 5
                - id: d
                  provider: p
                  created_at: 2026-04-01
                  upstream_id: somewhere-else
                  context_window: 10
                  output_tokens_max: 5
                - {id: alias, provider: p, upstream_id: a, context_window: 9, output_tokens_max: 5}
                - id: "local/*"
                  provider: q
                  upstream_id: a
                  context_window: 32000
                  output_tokens_max: 8000
              """));

  private static ModelCatalog catalog(String yaml) {
    try {
      return ModelCatalog.parse(yaml);
    } catch (CatalogException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ModelPage page(String query) {
    Map<String, List<String>> parameters =
        Arrays.stream(query.split("&"))
            .filter(pair -> !pair.isEmpty())
            .map(pair -> pair.split("=", 2))
            .collect(
                Collectors.groupingBy(
                    pair -> pair[0],
                    HashMap::new,
                    Collectors.mapping(pair -> pair[1], Collectors.toList())));
    return SHELF.page(ModelListQuery.read(new Query(parameters)));
  }

  @ParameterizedTest(name = "?{0} gives {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                          | d b a z | false
          limit=2                     | d b     | true
          limit=2&after_id=b          | a z     | false
          limit=1&after_id=b          | a       | true
          after_id=z                  | ''      | false
          after_id=c                  | b a z   | false
          after_id=alias              | z       | false
          before_id=z                 | d b a   | false
          limit=2&before_id=z         | b a     | true
          limit=2&before_id=a         | d b     | false
          before_id=d                 | ''      | false
          lifecycle[]=retired         | c       | false
          lifecycle[]=active          | d a z   | false
          lifecycle[]=active&lifecycle[]=retired&lifecycle[]=deprecated | d c b a z | false
          lifecycle=retired&after_id=d | c      | false
          """)
  void pages_follow_each_other_newest_first(String query, String ids, boolean hasMore) {
    ModelPage page = page(query);

    assertEquals(ids, page.data().stream().map(ModelView::id).collect(Collectors.joining(" ")));
    assertEquals(hasMore, page.hasMore());
    assertEquals(ids.isEmpty() ? null : ids.split(" ", -1)[0], page.firstId());
    assertEquals(ids.isEmpty() ? null : ids.substring(ids.length() - 1), page.lastId());
  }

  @ParameterizedTest(name = "?{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          limit=0                  | `limit` is "0", but must be a whole number from 1 to 1000.
          limit=1001               | `limit` is "1001", but must be a whole number from 1 to 1000.
          after_id=x               | `after_id` is "x", but must be the id of a model in this list.
          before_id=local/x        | `before_id` is "local/x", but must be the id of a model in this list.
          after_id=a&before_id=b   | `before_id` must not be sent together with `after_id`.
          lifecycle[]=dead         | `lifecycle` is [dead], but must be up to 3 of active, deprecated, retired.
          """)
  void a_query_that_breaks_a_rule_is_refused(String query, String sentence) {
    ApiError error = assertThrows(ApiException.class, () -> page(query)).error();

    assertEquals(400, error.status());
    assertEquals(sentence, error.message());
  }

  @Test
  void an_empty_page_has_no_ends() {
    assertEquals(
        tree("{'data':[],'has_more':false,'first_id':null,'last_id':null}"),
        Json.tree((Object) page("after_id=z")));
  }

  @Test
  void a_model_has_every_field_of_the_contract() {
    JsonNode model = Json.tree((Object) SHELF.find("a").orElseThrow());

    assertEquals(
        tree(
            """
            {'id':'a','type':'model','display_name':'The A','created_at':'2026-01-01T00:00:00Z',
             'lifecycle':'active','deprecated_at':null,'retires_at':null,'line':'opus',
             'max_input_tokens':200000,'max_tokens':64000,'allowed_fallback_models':null,
             'capabilities':{
               'batch':{'supported':false},'citations':{'supported':false},
               'code_execution':{'supported':false},'structured_outputs':{'supported':false},
               'image_input':{'supported':true},'pdf_input':{'supported':false},
               'effort':{'supported':true,'low':{'supported':true},'medium':{'supported':false},
                 'high':{'supported':false},'xhigh':{'supported':false},'max':{'supported':true}},
               'compaction':null,
               'context_management':{'supported':false,'clear_thinking_20251015':null,
                 'clear_tool_uses_20250919':null,'compact_20260112':null},
               'server_tools':{'supported':false,'web_search':{'supported':false},
                 'code_execution':{'supported':false}},
               'thinking':{'supported':false,'types':{'adaptive':{'supported':false},
                 'between_tools':{'supported':false},'disabled':{'supported':false},
                 'enabled':{'supported':false}}}}}
            """),
        model);
  }

  @Test
  void an_alias_gives_the_model_it_stands_for() {
    assertEquals(SHELF.find("a"), SHELF.find("alias"));
  }

  @Test
  void a_name_that_a_pattern_serves_gives_a_model_of_that_name() {
    ModelView model = SHELF.find("local/qwen:30b").orElseThrow();

    assertEquals("local/qwen:30b", model.id());
    assertEquals("local/qwen:30b", model.displayName());
    assertEquals(32_000, model.maxInputTokens());
    assertEquals("1970-01-01T00:00:00Z", Json.tree((Object) model).get("created_at").asText());
  }

  @Test
  void a_retired_model_can_still_be_read_and_an_unknown_one_cannot() {
    assertTrue(SHELF.find("c").isPresent());
    assertEquals(Optional.empty(), SHELF.find("nobody"));
  }

  @Test
  void the_shipped_catalog_lists_each_model_once_under_its_full_name() {
    List<String> ids =
        new ModelShelf(ModelCatalog.shipped())
                .page(new ModelListQuery(1000, null, null, List.of("active", "deprecated")))
                .data()
                .stream()
                .map(ModelView::id)
                .toList();

    assertEquals("claude-fable-5-2", ids.getFirst());
    assertTrue(ids.contains("claude-haiku-4-5-20251001"), ids.toString());
    assertTrue(!ids.contains("claude-haiku-4-5"), ids.toString());
  }

  private static JsonNode tree(String json) {
    return Json.tree(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }
}
