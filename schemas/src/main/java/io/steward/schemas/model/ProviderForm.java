package io.steward.schemas.model;

import io.steward.schemas.model.Provider.Kind;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The rules of one entry of `providers`.
final class ProviderForm {
  private static final Pattern VARIABLE = Pattern.compile("[A-Z][A-Z0-9_]{0,127}");

  /// People write it with and without; clients add it.
  private static final Pattern VERSION = Pattern.compile("/*(/v1)?/*$");

  private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,64}");
  private static final Pattern PROJECT = Pattern.compile("[a-z0-9.:-]{1,128}");
  private static final Map<String, Kind> KINDS =
      Map.of(
          "anthropic", Kind.ANTHROPIC,
          "bedrock", Kind.BEDROCK,
          "vertex", Kind.VERTEX,
          "openai", Kind.OPENAI);

  private ProviderForm() {}

  static Provider read(YamlMapping form) throws CatalogException {
    String word = form.choice("kind", List.of("anthropic", "bedrock", "vertex", "openai"));
    Kind kind = word == null ? null : KINDS.get(word);
    if (kind == null) {
      throw form.refusal("kind", "must be one of anthropic, bedrock, vertex, openai");
    }
    form.requireKnown(keys(kind));
    boolean cloud = kind == Kind.BEDROCK || kind == Kind.VERTEX;
    return new Provider(
        kind,
        baseUrl(form),
        variable(form),
        cloud ? place(form, "region", REGION) : null,
        kind == Kind.VERTEX ? place(form, "project", PROJECT) : null);
  }

  private static List<String> keys(Kind kind) {
    return switch (kind) {
      case ANTHROPIC, OPENAI -> List.of("kind", "base_url", "api_key_env");
      case BEDROCK -> List.of("kind", "base_url", "api_key_env", "region");
      case VERTEX -> List.of("kind", "base_url", "api_key_env", "region", "project");
    };
  }

  private static @Nullable String baseUrl(YamlMapping form) throws CatalogException {
    String text = form.optionalText("base_url");
    if (text == null) {
      return null;
    }
    URI url = url(form, text);
    boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!web || url.getHost() == null || url.getRawQuery() != null || url.getFragment() != null) {
      throw form.refusal(
          "base_url", "must be an http or https URL with a host, without query and fragment");
    }
    return VERSION.matcher(text).replaceFirst("");
  }

  private static URI url(YamlMapping form, String text) throws CatalogException {
    if (text.indexOf('@') >= 0) {
      throw form.refusalWithoutValue(
          "base_url", "must not hold a name or a password; name a variable in `api_key_env`");
    }
    try {
      return new URI(text);
    } catch (URISyntaxException _) {
      throw form.refusal("base_url", "must be an http or https URL");
    }
  }

  private static @Nullable String variable(YamlMapping form) throws CatalogException {
    if (form.value("api_key_env") == null) {
      return null;
    }
    String name = form.node().path("api_key_env").asText();
    if (!VARIABLE.matcher(name).matches()) {
      throw form.refusalWithoutValue(
          "api_key_env",
          "must be the name of an environment variable: 1 to 128 of the characters A-Z 0-9 _,"
              + " a letter first; the key itself is never in this file");
    }
    return name;
  }

  private static String place(YamlMapping form, String key, Pattern rule) throws CatalogException {
    String place = form.text(key);
    if (!rule.matcher(place).matches()) {
      throw form.refusal(key, "must match " + rule);
    }
    return place;
  }
}
