package io.steward.vaultproxy.proxy;

import io.netty.buffer.Unpooled;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.steward.vaultproxy.policy.Refusal;
import io.steward.vaultproxy.policy.Refusal.Reason;
import io.steward.vaultproxy.policy.SandboxIdentity;
import io.steward.vaultproxy.proxy.Decision.Refused;
import io.steward.vaultproxy.proxy.Decision.Route;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Says no: to the agent with a sentence, to the operator with a line in the log and a count.
final class Refusals {
  private static final Logger LOG = Logger.getLogger(Refusals.class);
  private static final int PROXY_AUTHENTICATION_REQUIRED = 407;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int CAUSES_MAX = 10;

  private final ProxyObserver observer;

  Refusals(ProxyObserver observer) {
    this.observer = observer;
  }

  /// Logs and counts.
  ///
  /// @param sandbox who was refused, or null when nobody knows
  void note(@Nullable SandboxIdentity sandbox, Refusal refusal) {
    LOG.infof(
        "refused (%s) sandbox %s of session %s: %s",
        refusal.reason().tag(),
        sandbox == null ? "unknown" : sandbox.sandboxId(),
        sandbox == null ? "unknown" : sandbox.sessionId().value(),
        refusal.sentence());
    observer.refused(refusal.reason());
  }

  /// The answer. The sentence is its body, and also its reason phrase, because that is all most
  /// clients show of an answer to `CONNECT`.
  ///
  /// @param last whether the connection ends after it
  static FullHttpResponse answer(Refused refused, boolean last) {
    String sentence = refused.refusal().sentence();
    FullHttpResponse answer =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            new HttpResponseStatus(refused.status(), phrase(sentence)),
            Unpooled.copiedBuffer(sentence + "\n", StandardCharsets.UTF_8));
    answer
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
        .set(HttpHeaderNames.CONTENT_LENGTH, answer.content().readableBytes())
        .set("proxy-status", "steward; error=" + error(refused.refusal().reason()));
    if (refused.status() == PROXY_AUTHENTICATION_REQUIRED) {
      answer.headers().set(HttpHeaderNames.PROXY_AUTHENTICATE, "Basic realm=\"steward\"");
    }
    if (refused.status() == TOO_MANY_REQUESTS) {
      answer.headers().set(HttpHeaderNames.RETRY_AFTER, "1");
    }
    if (last) {
      answer.headers().set(HttpHeaderNames.CONNECTION, "close");
    }
    return answer;
  }

  private static String phrase(String sentence) {
    StringBuilder phrase = new StringBuilder(sentence.length());
    sentence.chars().limit(200).forEach(c -> phrase.append(c >= ' ' && c < 0x7f ? (char) c : '?'));
    return phrase.toString();
  }

  /// As RFC 9209 names it.
  private static String error(Refusal.Reason reason) {
    return switch (reason) {
      case MALFORMED -> "http_request_error";
      case ADDRESS -> "destination_ip_prohibited";
      case UNKNOWN_SANDBOX, HOST, PORT, MISDIRECTED, SECRET -> "http_request_denied";
      case LIMIT -> "connection_limit_reached";
      case UPSTREAM -> "destination_unavailable";
      case CERTIFICATE -> "tls_certificate_error";
    };
  }

  /// Why there is no connection to a host.
  static Refused unreachable(Route route, @Nullable Throwable cause) {
    String host = route.endpoint().host().text();
    if (isOfCertificate(cause)) {
      return Refused.because(
          502,
          Reason.CERTIFICATE,
          "The certificate of " + host + " is not trusted for this name, so nothing was sent.");
    }
    if (cause instanceof SSLException) {
      return Refused.because(
          502, Reason.UPSTREAM, "No secure connection to " + host + " can be made.");
    }
    return Refused.because(
        cause instanceof ConnectTimeoutException ? 504 : 502,
        Reason.UPSTREAM,
        "Port " + route.endpoint().port() + " of " + host + " cannot be connected to.");
  }

  private static boolean isOfCertificate(@Nullable Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; cause != null && i < CAUSES_MAX; i++) {
      if (cause instanceof CertificateException || cause instanceof CertPathValidatorException) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }
}
