package io.steward.vaultproxy.web;

import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.WebUrl;
import io.steward.vaultproxy.outbound.Answer;
import io.steward.vaultproxy.outbound.Appetite;
import io.steward.vaultproxy.outbound.Deadline;
import io.steward.vaultproxy.outbound.PinnedClient;
import io.steward.vaultproxy.outbound.PinnedRequest;
import io.steward.vaultproxy.web.MediaType.Kind;
import io.steward.vaultproxy.web.WebResult.Fetched;
import io.steward.vaultproxy.web.WebResult.Reason;
import io.steward.vaultproxy.web.WebResult.Refused;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Fetches a page of the web for a model.
///
/// Each redirect is a new page: its URL, domain and addresses are checked as those of the first
/// one. Whatever the web does is a result, never an exception. Waits up to [WebLimits#timeMax], so
/// it is for virtual threads; any number of them may use one instance, and whoever calls it limits
/// how many do.
public final class WebFetch implements AutoCloseable {
  private static final Map<String, String> HEADERS =
      Map.of("Accept", "text/html, text/*;q=0.9, application/pdf;q=0.9, */*;q=0.5");

  private final WebLimits limits;
  private final PinnedClient client;
  private final PdfReader pdfs;
  private final Semaphore readings = new Semaphore(WebLimits.READINGS_MAX);

  /// What one page leads to.
  private sealed interface Hop {
    record Redirect(String location) implements Hop {}

    record End(WebResult result) implements Hop {}
  }

  /// @param directory for processes that read documents
  /// @param trust whose certificates are believed; null for whom this Java trusts
  public WebFetch(
      Vertx vertx,
      CheckedAddresses addresses,
      WebLimits limits,
      Path directory,
      @Nullable X509TrustManager trust) {
    this.limits = limits;
    this.client = new PinnedClient(vertx, addresses, limits.connectTimeMax(), trust);
    this.pdfs = new PdfReader(directory, limits.pdf());
  }

  public WebResult fetch(WebRequest request) {
    if (request.url().length() > WebUrl.CHARS_MAX) {
      return refused(Reason.URL_TOO_LONG, "A URL has at most " + WebUrl.CHARS_MAX + " characters.");
    }
    Deadline deadline = Deadline.in(limits.timeMax());
    try {
      WebUrl url = WebUrl.parse(request.url());
      for (int redirects = 0; redirects <= limits.redirectsMax(); redirects++) {
        switch (hop(url, request, deadline)) {
          case Hop.End(var result) -> {
            return result;
          }
          case Hop.Redirect(var location) -> url = url.redirected(location);
        }
      }
      return refused(
          Reason.URL_NOT_ACCESSIBLE,
          "The page redirects more than " + limits.redirectsMax() + " times.");
    } catch (EgressRefusal e) {
      return refused(Reason.URL_NOT_ALLOWED, e.sentence());
    }
  }

  private Hop hop(WebUrl url, WebRequest request, Deadline deadline) throws EgressRefusal {
    if (!request.domains().permits(url.host())) {
      throw new EgressRefusal(
          "The host " + url.host().text() + " is not one this agent may fetch from.");
    }
    return switch (client.send(get(url), deadline)) {
      case Answer.Failed(var why) -> inaccessible(sentence(url, why));
      case Answer.Response(var head, _) when head.redirects() ->
          new Hop.Redirect(head.header("location"));
      case Answer.Response(_, var body) when !body.whole() ->
          inaccessible("The page is larger than the limit of " + limits.bodyBytesMax() + " bytes.");
      case Answer.Response page -> new Hop.End(result(url, page, request, deadline));
    };
  }

  private PinnedRequest get(WebUrl url) {
    return new PinnedRequest(
        PinnedRequest.Method.GET,
        url,
        HEADERS,
        "",
        limits.bodyBytesMax(),
        head -> bodyOfUse(head) ? Optional.of(Appetite.WHOLE) : Optional.empty());
  }

  private static boolean bodyOfUse(Answer.Head head) {
    return head.successful() && !head.packed() && type(head).kind() != Kind.NONE;
  }

  private static MediaType type(Answer.Head head) {
    return MediaType.parse(head.header("content-type"));
  }

  private String sentence(WebUrl url, Answer.Failure why) {
    return switch (why) {
      case NO_ADDRESS -> "The host " + url.host().text() + " has no address.";
      case LATE ->
          "Fetching the page took longer than the limit of "
              + limits.timeMax().toSeconds()
              + " seconds.";
      case INTERRUPTED -> "Fetching the page was interrupted.";
      case UNREACHABLE, INSECURE, BROKEN -> why.sentence();
    };
  }

  private WebResult result(
      WebUrl url, Answer.Response page, WebRequest request, Deadline deadline) {
    Answer.Head head = page.head();
    if (!head.successful()) {
      return refused(
          Reason.URL_NOT_ACCESSIBLE, "The host answered with status " + head.status() + ".");
    }
    if (head.packed()) {
      return refused(
          Reason.UNSUPPORTED_CONTENT_TYPE,
          "The host sent the page compressed, although nobody asked for it.");
    }
    byte[] body = page.body().bytes();
    MediaType type = type(head).seen(body);
    int charsMax = request.textCharsMax(limits);
    return switch (type.kind()) {
      case HTML -> inTurn(deadline, () -> html(url, type, body, charsMax));
      case TEXT -> {
        String text = PlainText.decode(body, type.charset());
        yield new Fetched(url, "", type.name(), cut(text, charsMax), text.length() > charsMax);
      }
      case PDF -> inTurn(deadline, () -> pdf(url, type, body, deadline));
      case UNKNOWN, NONE ->
          refused(
              Reason.UNSUPPORTED_CONTENT_TYPE,
              "The page is of type "
                  + (type.name().isEmpty() ? "unknown" : type.name())
                  + ", which cannot be read as text.");
    };
  }

  private WebResult inTurn(Deadline deadline, Supplier<WebResult> reading) {
    try {
      if (!readings.tryAcquire(deadline.left().toNanos(), TimeUnit.NANOSECONDS)) {
        return refused(Reason.UNAVAILABLE, "Too many pages are being read at the moment.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return refused(Reason.UNAVAILABLE, "Reading the page was interrupted.");
    }
    try {
      return reading.get();
    } finally {
      readings.release();
    }
  }

  private static WebResult html(WebUrl url, MediaType type, byte[] body, int charsMax) {
    HtmlText.Page page = HtmlText.read(body, type.charset(), url.toString(), charsMax);
    return new Fetched(url, page.title(), type.name(), page.text(), page.truncated());
  }

  private WebResult pdf(WebUrl url, MediaType type, byte[] body, Deadline deadline) {
    return switch (pdfs.read(body, deadline.left())) {
      case PdfReader.Reading.Read(var text) ->
          new Fetched(url, text.title(), type.name(), text.text(), text.truncated());
      case PdfReader.Reading.Failed(var sentence) -> refused(Reason.URL_NOT_ACCESSIBLE, sentence);
    };
  }

  /// Never half of a character.
  private static String cut(String text, int charsMax) {
    if (text.length() <= charsMax) {
      return text;
    }
    boolean half = charsMax > 0 && Character.isHighSurrogate(text.charAt(charsMax - 1));
    return text.substring(0, half ? charsMax - 1 : charsMax);
  }

  private static Hop inaccessible(String sentence) {
    return new Hop.End(refused(Reason.URL_NOT_ACCESSIBLE, sentence));
  }

  private static Refused refused(Reason reason, String sentence) {
    return new Refused(reason, sentence);
  }

  @Override
  public void close() {
    client.close();
  }
}
