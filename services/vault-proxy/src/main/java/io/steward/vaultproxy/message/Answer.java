package io.steward.vaultproxy.message;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.steward.vaultproxy.inject.ByteReplacer;
import io.steward.vaultproxy.inject.Scrub;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The answer of a host on its way to the sandbox: headers and body without secrets, framed for the
/// client. For one answer, and one thread.
public final class Answer {
  private static final Set<String> DROPPED =
      Set.of(
          "alt-svc", // leads to where this proxy is not
          "connection",
          "content-length",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private final Scrub scrub;
  private final HttpResponse head;
  private final boolean bodiless;
  private final boolean keepAlive;
  private final @Nullable ByteReplacer replacer;

  private Answer(
      Scrub scrub,
      HttpResponse head,
      boolean bodiless,
      boolean keepAlive,
      @Nullable ByteReplacer replacer) {
    this.scrub = scrub;
    this.head = head;
    this.bodiless = bodiless;
    this.keepAlive = keepAlive;
    this.replacer = replacer;
  }

  /// @throws IllegalArgumentException when the answer has a header that is none
  public static Answer of(HttpRequest request, HttpResponse in, Scrub scrub) {
    int status = in.status().code();
    boolean bodiless = request.method().equals(HttpMethod.HEAD) || status == 204 || status == 304;
    boolean scrubbed = !scrub.idle() && !bodiless && !OutgoingBody.isCompressed(in.headers());
    boolean chunks = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
    long length = HttpUtil.isTransferEncodingChunked(in) ? -1 : HttpUtil.getContentLength(in, -1L);
    HttpResponse head =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    copy(in.headers(), head.headers(), scrub);
    boolean framed = bodiless || chunks || length >= 0 && !scrubbed;
    if (length >= 0 && !scrubbed && status != 204) {
      head.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
    } else if (!bodiless && chunks) {
      head.headers().set(HttpHeaderNames.TRANSFER_ENCODING, "chunked");
    }
    boolean keepAlive = framed && chunks && HttpUtil.isKeepAlive(request);
    if (!keepAlive) {
      head.headers().set(HttpHeaderNames.CONNECTION, "close");
    }
    return new Answer(scrub, head, bodiless, keepAlive, scrubbed ? scrub.body() : null);
  }

  private static void copy(HttpHeaders in, HttpHeaders out, Scrub scrub) {
    Set<String> connection = OutgoingHeaders.connectionNames(in);
    for (Map.Entry<String, String> field : in) {
      String name = field.getKey().toLowerCase(Locale.ROOT);
      boolean dropped =
          DROPPED.contains(name)
              || connection.contains(name)
              || name.startsWith(OutgoingHeaders.HTTP2_PREFIX);
      if (!dropped) {
        out.add(field.getKey(), scrub.header(field.getValue()));
      }
    }
  }

  public HttpResponse head() {
    return head;
  }

  /// Whether the client's connection can carry another request after this.
  public boolean keepsAlive() {
    return keepAlive;
  }

  /// What the client is sent for `part`, which stays the caller's.
  public HttpContent part(HttpContent part) {
    boolean last = part instanceof LastHttpContent;
    ByteBuf bytes = bodiless ? Unpooled.EMPTY_BUFFER : bytes(part.content(), last);
    if (!last) {
      return new DefaultHttpContent(bytes);
    }
    LastHttpContent end = new DefaultLastHttpContent(bytes);
    copy(((LastHttpContent) part).trailingHeaders(), end.trailingHeaders(), scrub);
    return end;
  }

  private ByteBuf bytes(ByteBuf part, boolean last) {
    ByteReplacer replaces = replacer;
    if (replaces == null) {
      return part.retain();
    }
    byte[] replaced = replaces.feed(ByteBufUtil.getBytes(part));
    return last
        ? Unpooled.wrappedBuffer(replaced, replaces.end())
        : Unpooled.wrappedBuffer(replaced);
  }
}
