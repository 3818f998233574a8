package io.steward.schemas.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One line per rule of the file: what stands in it, and the sentence that says what is wrong.
class CatalogFileTest {
  private static final String PROVIDERS = "providers: {a: {kind: anthropic}}\n";
  private static final String MODEL =
      "{id: m, provider: a, context_window: 200, output_tokens_max: 100}";
  private static final String MODELS = "models: [" + MODEL + "]\n";

  private static String refusal(String yaml) {
    CatalogException e =
        assertThrows(CatalogException.class, () -> ModelCatalog.parse(yaml), () -> yaml);
    return Objects.requireNonNull(e.getMessage());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          id: 5                       | `models.0.id` is 5, but must be a text
          id: ''                      | `models.0.id` is "", but must have 1 to 256
          id: 'a b'                   | `models.0.id` is "a b", but must have 1 to 256 characters without spaces
          provider: b                 | `models.0.provider` of m is "b", but must be one of `providers`: a.
          provider: ~                 | `models.0.provider` of m is null, but must be a text
          upstream_id: 'x*'           | `models.0.upstream_id` of m is "x*"
          display_name: 4             | `models.0.display_name` of m is 4, but must be a text; put it in quotes
          created_at: yesterday       | `models.0.created_at` of m is "yesterday", but must be a day
          created_at: 2026-02-30      | `models.0.created_at` of m is "2026-02-30"
          lifecycle: new              | `models.0.lifecycle` of m is "new", but must be one of active, deprecated, retired
          line: llama                 | `models.0.line` of m is "llama", but must be one of haiku, sonnet, opus
          context_window: 0           | `models.0.context_window` of m is 0, but must be at least 1
          context_window: -1          | `models.0.context_window` of m is -1
          context_window: 1.5         | `models.0.context_window` of m is 1.5, but must be a whole number
          context_window: 3000000000  | `models.0.context_window` of m is 3000000000
          context_window: '200000'    | `models.0.context_window` of m is "200000", but must be a whole number
          output_tokens_max: 0        | `models.0.output_tokens_max` of m is 0
          compact_at: 0               | `models.0.compact_at` of m is 0, but must be a number above 0 and below 1
          compact_at: 1               | `models.0.compact_at` of m is 1,
          compact_at: 80              | `models.0.compact_at` of m is 80,
          compact_at: .nan            | Malformed numeric value '.nan'
          compact_at: '0.5'           | `models.0.compact_at` of m is "0.5"
          prices: 5                   | `models.0.prices` of m is 5, but must be a mapping
          prices: {input: 1}          | `models.0.prices.output` of m is missing, but must be a number of dollars
          prices: {output: 1}         | `models.0.prices.input` of m is missing
          prices: {input: -1, output: 1} | `models.0.prices.input` of m is -1, but must be from 0 to 1000000 dollars
          prices: {input: .inf, output: 1} | Malformed numeric value '.inf'
          prices: {input: 1e999999999, output: 1} | `models.0.prices.input` of m is
          prices: {input: 1e-10, output: 1} | at most 9 digits after the point
          prices: {input: 1, output: 1, cache: 1} | `models.0.prices.cache` of m is not known here; known are input, output,
          efforts: low                | `models.0.efforts` of m has "low", but must be a list
          efforts: [low, low]         | `models.0.efforts` of m has "low", but must be a list of different words
          efforts: [huge]             | `models.0.efforts` of m has "huge"
          images: 1                   | `models.0.images` of m is 1, but must be true or false
          documents: yes please       | `models.0.documents` of m is "yes please"
          price: 3                    | `models.0.price` of m is not known here; known are id, provider
          """)
  void a_bad_model_is_refused_with_a_sentence(String entry, String sentence) {
    String key = entry.substring(0, entry.indexOf(':'));
    String rest =
        MODEL.replaceFirst("[{]" + key + ": \\w+", "{").replaceFirst(", " + key + ": \\w+", "");
    String model = rest.replaceFirst("^[{](, )?", "{" + entry + ", ");

    String message = refusal(PROVIDERS + "models: [" + model + "]\n");

    assertTrue(message.contains(sentence), message);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {}                                       | `providers.a.kind` is missing, but must be one of anthropic, bedrock
          {kind: azure}                            | `providers.a.kind` is "azure", but must be one of anthropic, bedrock
          x                                        | `providers.a` is "x", but must be a mapping
          {kind: anthropic, base_url: 'ftp://h'}   | `providers.a.base_url` is "ftp://h", but must be an http or https URL
          {kind: anthropic, base_url: 'localhost'} | `providers.a.base_url` is "localhost", but must be an http or https URL
          {kind: anthropic, base_url: 'http://'}   | `providers.a.base_url` is "http://"
          {kind: anthropic, base_url: 'http://h?x'}| without query and fragment
          {kind: bedrock}                          | `providers.a.region` is missing
          {kind: bedrock, region: 'US EAST'}       | `providers.a.region` is "US EAST", but must match
          {kind: vertex, region: global}           | `providers.a.project` is missing
          {kind: anthropic, region: us-east-1}     | `providers.a.region` is not known here; known are kind, base_url, api_key_env
          {kind: anthropic, project: p}            | `providers.a.project` is not known here
          """)
  void a_bad_provider_is_refused_with_a_sentence(String provider, String sentence) {
    String message = refusal("providers: {a: " + provider + "}\n" + MODELS);

    assertTrue(message.contains(sentence), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          api_key_env: sk-ant-SECRET        | must be the name of an environment variable
          api_key_env: [SECRET]             | must be the name of an environment variable
          api_key: SECRET                   | is not known here; known are kind, base_url, api_key_env
          base_url: 'https://u:SECRET@host' | must not hold a name or a password
          """)
  void what_may_be_a_secret_is_not_repeated(String entry, String sentence) {
    String message = refusal("providers: {a: {kind: anthropic, " + entry + "}}\n" + MODELS);

    assertTrue(message.contains(sentence), message);
    assertFalse(message.contains("SECRET"), message);
  }

  @Test
  void a_file_without_a_model_or_a_provider_is_refused() {
    assertTrue(refusal("").contains("the file is missing, but must be a mapping"));
    assertTrue(refusal("- 1").contains("the file is a list, but must be a mapping"));
    assertTrue(refusal(MODELS).contains("`providers` is missing"));
    assertTrue(refusal("providers: {}\n" + MODELS).contains("`providers` has 0 entries"));
    assertTrue(refusal(PROVIDERS).contains("`models` is missing, but must be a list"));
    assertTrue(refusal(PROVIDERS + "models: []").contains("`models` has 0 entries"));
    assertTrue(refusal(PROVIDERS + "models: [1]").contains("`models.0` is 1, but must be a map"));
    assertTrue(refusal(PROVIDERS + MODELS + "model: 1").contains("`model` is not known here"));
    assertTrue(refusal(PROVIDERS + MODELS + "active_hour: -1").contains("`active_hour` is -1"));
    assertTrue(
        refusal(PROVIDERS + MODELS + "thousand_searches: much").contains("`thousand_searches` is"));
    assertTrue(refusal("providers: {'A B': {}}\n" + MODELS).contains("the provider \"A B\""));
  }

  @Test
  void an_id_stands_once() {
    assertEquals(
        "the text: `models.1.id` is \"m\", but `models.0` has that id already.",
        refusal(PROVIDERS + "models: [" + MODEL + ", " + MODEL + "]\n"));
  }

  @Test
  void what_is_not_yaml_is_refused_with_its_line_and_without_its_text() {
    String message = refusal(PROVIDERS + "models: [\n  SECRET: : {\n");

    assertTrue(message.startsWith("the text: line "), message);
    assertTrue(message.contains("this is not YAML: "), message);
    assertFalse(message.contains("SECRET"), message);
  }

  @Test
  void a_key_stands_once_and_a_file_holds_one_document() {
    assertTrue(refusal(PROVIDERS + MODELS + PROVIDERS).contains("Duplicate field 'providers'"));
    assertTrue(refusal(PROVIDERS + MODELS + "---\n" + PROVIDERS).contains("this is not YAML"));
  }

  @Test
  void the_number_of_entries_and_of_bytes_has_a_limit() {
    String models =
        IntStream.rangeClosed(0, CatalogFile.MODELS_MAX)
            .mapToObj(i -> MODEL.replace("id: m", "id: m" + i))
            .collect(Collectors.joining(",", "models: [", "]"));
    String providers =
        IntStream.rangeClosed(0, CatalogFile.PROVIDERS_MAX)
            .mapToObj(i -> "a" + i + ": {kind: anthropic}")
            .collect(Collectors.joining(",", "providers: {", "}\n"));
    byte[] large = ("#" + "x".repeat(CatalogFile.BYTES_MAX)).getBytes(StandardCharsets.US_ASCII);

    assertTrue(refusal(PROVIDERS + models).contains("`models` has 1,001 entries"));
    assertTrue(refusal(providers + MODELS).contains("`providers` has 101 entries"));
    assertTrue(
        String.valueOf(
                assertThrows(CatalogException.class, () -> CatalogFile.parse(large, "f"))
                    .getMessage())
            .contains("more than 1,048,576 bytes"));
  }
}
