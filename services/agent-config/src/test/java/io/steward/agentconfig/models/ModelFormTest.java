package io.steward.agentconfig.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFormTest {
  private static final String UNKNOWN =
      """
      "deprecated_at":null,"retires_at":null,"line":null,"max_input_tokens":null,
      "max_tokens":null,"capabilities":null,"allowed_fallback_models":null\
      """;

  private static JsonNode tree(String json) {
    return Json.tree(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void a_bare_model_gets_every_required_field() {
    assertEquals(
        tree(
            """
            {"id":"local","type":"model","display_name":"local",
             "created_at":"1970-01-01T00:00:00Z","lifecycle":"active",%s}\
            """
                .formatted(UNKNOWN)),
        ModelForm.model(tree("{\"id\":\"local\",\"object\":\"model\"}"))
            .map(model -> model.without("object"))
            .orElseThrow());
  }

  @Test
  void what_the_upstream_knows_is_kept() {
    JsonNode known =
        tree(
            """
            {"id":"m","type":"model","display_name":"M","created_at":"2026-01-01T00:00:00Z",
             "lifecycle":"deprecated","deprecated_at":"2026-02-01T00:00:00Z","retires_at":null,
             "line":"opus","max_input_tokens":200000,"max_tokens":8192,
             "capabilities":{"batch":{"supported":true}},"allowed_fallback_models":[]}\
            """);

    assertEquals(Optional.of(known), ModelForm.model(known));
  }

  @Test
  void a_page_names_its_ends() {
    JsonNode page =
        ModelForm.page(tree("{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"has_more\":true}"))
            .orElseThrow();

    assertTrue(page.get("has_more").booleanValue());
    assertEquals("a", page.get("first_id").textValue());
    assertEquals("b", page.get("last_id").textValue());
    assertEquals(2, page.get("data").size());
  }

  @Test
  void an_empty_page_ends_the_list() {
    assertEquals(
        tree("{\"data\":[],\"has_more\":false,\"first_id\":null,\"last_id\":null}"),
        ModelForm.page(tree("{\"data\":[],\"has_more\":true}")).orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "null", "{\"data\":{}}", "\"x\""})
  void anything_else_is_neither_page_nor_model(String json) {
    assertEquals(Optional.empty(), ModelForm.page(tree(json)));
    assertEquals(Optional.empty(), ModelForm.model(tree(json)));
  }
}
