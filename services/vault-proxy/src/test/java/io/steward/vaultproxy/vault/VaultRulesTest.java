package io.steward.vaultproxy.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VaultRulesTest {
  private static final Instant MADE = Instant.parse("2026-01-02T03:04:05Z");
  private static final Instant LATER = MADE.plusSeconds(60);

  private final Vault vault =
      VaultRules.create(json("{'display_name':'Ada','metadata':{'b':'2','a':'1'}}"), "vlt_1", MADE);

  private static JsonNode json(String text) {
    return Json.tree(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void a_new_vault_has_all_fields_of_the_contract() {
    assertEquals(
        json(
            "{'id':'vlt_1','type':'vault','display_name':'Ada','metadata':{'b':'2','a':'1'},"
                + "'created_at':'2026-01-02T03:04:05Z','updated_at':'2026-01-02T03:04:05Z',"
                + "'archived_at':null}"),
        Json.tree(vault));
    assertEquals(
        Map.of(), VaultRules.create(json("{'display_name':'x'}"), "vlt_2", MADE).metadata());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | display_name",
        "{'display_name':null} | display_name",
        "{'display_name':''} | display_name",
        "{'display_name':7} | display_name",
        "{'display_name':'<256>'} | display_name",
        "{'display_name':'x','metadata':'y'} | metadata",
        "{'display_name':'x','metadata':{'k':1}} | metadata.k",
        "{'display_name':'x','metadata':{'k':null}} | metadata.k",
        "[] | The body"
      })
  void bad_input_is_refused_by_name(String body, String named) {
    ApiException refused =
        assertThrows(
            ApiException.class,
            () -> VaultRules.create(json(body.replace("<256>", "x".repeat(256))), "vlt_2", MADE));

    assertEquals(400, refused.error().status());
    assertTrue(refused.error().message().contains(named), refused.error().message());
  }

  @Test
  void the_longest_name_counts_characters_and_not_their_bytes() {
    String name = "🔑".repeat(255);

    assertEquals(
        name,
        VaultRules.create(json("{'display_name':'" + name + "'}"), "vlt_2", MADE).displayName());
  }

  @Test
  void an_update_changes_what_it_names() {
    Vault renamed =
        VaultRules.update(
            vault, json("{'display_name':'Eve','metadata':{'a':null,'c':''}}"), LATER);

    assertEquals(new Vault("vlt_1", "Eve", Map.of("b", "2", "c", ""), MADE, LATER, null), renamed);
  }

  @Test
  void an_update_that_changes_nothing_gives_the_same_vault() {
    for (String patch :
        List.of(
            "{}",
            "{'display_name':null,'metadata':null}",
            "{'display_name':'Ada','metadata':{'a':'1','z':null}}")) {
      assertSame(vault, VaultRules.update(vault, json(patch), LATER), patch);
    }
  }

  @Test
  void an_archived_vault_refuses_updates() {
    ApiException refused =
        assertThrows(
            ApiException.class, () -> VaultRules.update(vault.archived(LATER), json("{}"), LATER));

    assertEquals(400, refused.error().status());
    assertEquals("Vault vlt_1 is archived and cannot be changed.", refused.error().message());
  }
}
