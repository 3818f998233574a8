package io.steward.vaultproxy.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.json.Json;
import io.steward.vaultproxy.vault.SecretValue;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HiddenTest {
  private static JsonNode tree(String json) {
    return Json.tree(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private static Hidden with(String... tokens) {
    Hidden hidden = new Hidden();
    for (String token : tokens) {
      hidden.remember(new SecretValue(token));
    }
    return hidden;
  }

  @Test
  void a_token_is_replaced_in_texts_and_names_however_it_is_escaped() {
    assertEquals(
        tree("{'a [secret]':['x[secret]y',1,null],'b':{'c':'[secret]'},'d':'[secret]'}"),
        with("to/ken+1")
            .clean(
                tree(
                    "{'a to/ken+1':['xto\\/ken\\u002b1y',1,null],'b':{'c':'to/ken+1'},"
                        + "'d':'to%2Fken%2B1'}")));
  }

  @Test
  void a_token_that_was_replaced_by_another_is_still_a_secret() {
    assertEquals(
        tree("'[secret] and [secret]'"),
        with("first-token", "second-token").clean(tree("'first-token and second-token'")));
  }

  @Test
  void what_cannot_be_stored_is_replaced() {
    assertEquals(
        tree("'a\ufffdb\ufffdc\ud83d\ude00'"),
        with().clean(tree("'a\\u0000b\\ud800c\\ud83d\\ude00'")));
  }

  @Test
  void a_token_is_found_in_bytes() {
    Hidden hidden = with("token-1");
    assertTrue(hidden.isIn("%PDF token-1".getBytes(StandardCharsets.UTF_8)));
    assertFalse(hidden.isIn("%PDF".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void a_token_is_not_printed() {
    assertFalse(new SecretValue("token-1").toString().contains("token-1"));
  }
}
