package io.steward.vaultproxy.oauth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.json.Json;
import io.steward.schemas.vault.CredentialUse.Outcome;
import io.steward.vaultproxy.audit.Audit;
import io.steward.vaultproxy.audit.CredentialUser;
import io.steward.vaultproxy.audit.CredentialUser.Used;
import io.steward.vaultproxy.audit.Destination;
import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.WebUrl;
import io.steward.vaultproxy.oauth.TokenAnswer.Granted;
import io.steward.vaultproxy.oauth.TokenAnswer.NotGranted;
import io.steward.vaultproxy.outbound.Answer;
import io.steward.vaultproxy.outbound.Appetite;
import io.steward.vaultproxy.outbound.Deadline;
import io.steward.vaultproxy.outbound.PinnedClient;
import io.steward.vaultproxy.outbound.PinnedRequest;
import io.steward.vaultproxy.vault.Credential;
import io.steward.vaultproxy.vault.CredentialAuth.Refresh;
import io.steward.vaultproxy.vault.CredentialAuth.TokenEndpointAuth;
import io.steward.vaultproxy.vault.GrantedTokens;
import io.steward.vaultproxy.vault.OpenCredential;
import io.steward.vaultproxy.vault.SecretField;
import io.steward.vaultproxy.vault.SecretValue;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Asks token endpoints for new tokens: the grant `refresh_token`. Source: RFC 6749 §2.3.1, §5, §6;
/// RFC 8707; contract/platform.md §3.5.
final class TokenEndpoint {
  /// Bytes of an answer.
  static final int ANSWER_BYTES_MAX = 192 * 1024;

  /// Characters of a token that is taken.
  static final int TOKEN_CHARS_MAX = 65_536;

  /// A token that is said to be good for longer is taken for one that ends then.
  static final Duration LIFE_MAX = Duration.ofDays(3650);

  private static final int TIMEOUT = 408;
  private static final int TOO_MANY = 429;

  /// Errors that may be repeated in a sentence. Any other text of an endpoint may be a secret.
  private static final Set<String> ERRORS =
      Set.of(
          "invalid_request",
          "invalid_client",
          "invalid_grant",
          "unauthorized_client",
          "unsupported_grant_type",
          "invalid_scope",
          "invalid_target",
          "temporarily_unavailable",
          "server_error");

  private final PinnedClient client;
  private final CredentialUser user;
  private final InstantSource clock;

  TokenEndpoint(PinnedClient client, CredentialUser user) {
    this.client = client;
    this.user = user;
    this.clock = user.audit().clock();
  }

  /// Uses the refresh token of a credential. The endpoint may have replaced it also when there is
  /// no answer.
  TokenAnswer refresh(OpenCredential credential, Refresh how, Deadline deadline) {
    if (!user.mayUse()) {
      return new NotGranted(Audit.NO_ROOM, false, null);
    }
    Map<String, String> form = form(credential, how);
    Map<String, String> headers = new HashMap<>();
    headers.put("Accept", "application/json");
    headers.put("Content-Type", "application/x-www-form-urlencoded");
    List<SecretValue> secrets = new ArrayList<>(credential.secrets().values());
    switch (how.tokenEndpointAuth().type()) {
      case TokenEndpointAuth.BASIC -> {
        String basic = basic(how.clientId(), required(credential, SecretField.CLIENT_SECRET));
        secrets.add(new SecretValue(basic.replace("=", "")));
        headers.put("Authorization", "Basic " + basic);
      }
      case TokenEndpointAuth.POST ->
          form.put("client_secret", required(credential, SecretField.CLIENT_SECRET));
      default -> {} // `none`: the client is known by its id only.
    }
    try {
      Instant asked = clock.instant();
      WebUrl url = WebUrl.parse(how.tokenEndpoint());
      Answer answer =
          client.send(
              new PinnedRequest(
                  PinnedRequest.Method.POST,
                  url,
                  headers,
                  encoded(form),
                  ANSWER_BYTES_MAX,
                  _ -> Optional.of(Appetite.WHOLE)),
              deadline);
      TokenAnswer result =
          switch (answer) {
            case Answer.Failed(var why) -> new NotGranted(why.sentence(), false, null);
            case Answer.Response response -> read(response, Scrubber.of(secrets), asked);
          };
      note(credential.credential(), Destination.of(url), answer, result);
      return result;
    } catch (EgressRefusal e) {
      return new NotGranted(e.sentence(), false, null);
    }
  }

  /// Without waiting: what was granted has to be kept first.
  private void note(Credential credential, Destination to, Answer answer, TokenAnswer result) {
    Used used = new Used(credential.vaultId(), credential.id());
    switch (answer) {
      case Answer.Failed(var why) when !why.wasSent() -> {}
      case Answer.Failed _ -> user.note(used, to, Outcome.FAILED, null);
      case Answer.Response(var head, _) -> {
        boolean refused = result instanceof NotGranted notGranted && notGranted.refused();
        user.note(used, to, refused ? Outcome.REFUSED : Outcome.of(head.status()), head.status());
      }
    }
  }

  private static Map<String, String> form(OpenCredential credential, Refresh how) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "refresh_token");
    form.put("refresh_token", required(credential, SecretField.REFRESH_TOKEN));
    form.put("client_id", how.clientId());
    if (how.scope() != null) {
      form.put("scope", how.scope());
    }
    if (how.resource() != null) {
      form.put("resource", how.resource());
    }
    return form;
  }

  private static String required(OpenCredential credential, SecretField field) {
    return credential
        .secret(field)
        .orElseThrow(() ->
            new IllegalStateException(
                "credential " + credential.credential().id() + " has no " + field.wireName()))
        .text();
  }

  private static String basic(String clientId, String secret) {
    String pair = encoded(clientId) + ":" + encoded(secret);
    return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static String encoded(Map<String, String> form) {
    return form.entrySet().stream()
        .map(field -> field.getKey() + "=" + encoded(field.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static TokenAnswer read(Answer.Response response, Scrubber scrubber, Instant asked) {
    HttpReport report = HttpReport.of(response, scrubber);
    Answer.Head head = response.head();
    if (!response.body().whole()) {
      return unusable(
          "The token endpoint's answer has more than the limit of " + ANSWER_BYTES_MAX + " bytes.",
          report);
    }
    if (head.redirects()) {
      return unusable("The token endpoint redirects, and that is not followed.", report);
    }
    if (head.packed()) {
      return unusable(
          "The token endpoint sent its answer compressed, although nobody asked for it.", report);
    }
    Optional<ObjectNode> json = object(response.body().bytes());
    String error = json.map(fields -> fields.path("error").asText("")).orElse("");
    if (!head.successful() || !error.isEmpty()) {
      return denied(head, error, report);
    }
    return json.map(fields -> granted(fields, report, asked))
        .orElseGet(() -> unusable("The token endpoint's answer is not a JSON object.", report));
  }

  private static NotGranted denied(Answer.Head head, String error, HttpReport report) {
    int status = head.status();
    boolean client = status >= 400 && status < 500 && status != TIMEOUT && status != TOO_MANY;
    return new NotGranted(
        "The token endpoint answered with status "
            + status
            + (ERRORS.contains(error) ? " and the error " + error + "." : "."),
        client || head.successful(),
        report);
  }

  private static TokenAnswer granted(ObjectNode fields, HttpReport report, Instant asked) {
    JsonNode access = fields.path("access_token");
    if (!access.isTextual() || access.textValue().isEmpty()) {
      return unusable("The token endpoint's answer has no `access_token`.", report);
    }
    SecretValue token = new SecretValue(access.textValue());
    if (!token.fitsHeader() || token.text().length() > TOKEN_CHARS_MAX) {
      return unusable(
          "The token endpoint's `access_token` has more than "
              + TOKEN_CHARS_MAX
              + " characters, or one that no header can carry.",
          report);
    }
    JsonNode type = fields.path("token_type");
    boolean bearer = type.isMissingNode() || type.isNull() || isBearer(type);
    if (!bearer) {
      return unusable("The token endpoint's `token_type` is not Bearer.", report);
    }
    Optional<Duration> life = life(fields.path("expires_in"));
    return new Granted(
        new GrantedTokens(
            token, life.map(asked::plus).orElse(null), next(fields.path("refresh_token"))));
  }

  private static boolean isBearer(JsonNode type) {
    return type.isTextual() && type.textValue().equalsIgnoreCase("bearer");
  }

  /// Some endpoints send the seconds as text. What is no number of seconds says nothing.
  private static Optional<Duration> life(JsonNode seconds) {
    String digits = seconds.isNumber() || seconds.isTextual() ? seconds.asText() : "";
    if (!digits.matches("[0-9]{1,15}(\\.[0-9]{1,15})?")) {
      return Optional.empty();
    }
    long whole = Long.parseLong(digits.split("\\.", 2)[0]);
    return whole == 0
        ? Optional.empty()
        : Optional.of(Duration.ofSeconds(Math.min(whole, LIFE_MAX.toSeconds())));
  }

  private static @Nullable SecretValue next(JsonNode token) {
    boolean usable =
        token.isTextual()
            && !token.textValue().isEmpty()
            && token.textValue().length() <= TOKEN_CHARS_MAX;
    return usable ? new SecretValue(token.textValue()) : null;
  }

  private static NotGranted unusable(String sentence, HttpReport report) {
    return new NotGranted(sentence, false, report);
  }

  private static Optional<ObjectNode> object(byte[] body) {
    try {
      return Json.tree(body) instanceof ObjectNode fields ? Optional.of(fields) : Optional.empty();
    } catch (UncheckedIOException e) {
      return Optional.empty(); // The cause quotes the body, so nobody may see it.
    }
  }
}
