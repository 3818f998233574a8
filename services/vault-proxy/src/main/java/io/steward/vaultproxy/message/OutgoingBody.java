package io.steward.vaultproxy.message;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.steward.vaultproxy.inject.BodyInjection;
import io.steward.vaultproxy.inject.ByteReplacer;
import io.steward.vaultproxy.inject.Injection;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The body of a request on its way out: how it is framed, and the secrets that are put into it.
/// Compressed bodies pass as they are. For one request, and one thread.
public final class OutgoingBody {
  /// Bodies up to this many bytes keep a `Content-Length` when secrets are put in; longer ones
  /// become chunked.
  public static final int GATHERED_BYTES_MAX = 65_536;

  private static final Set<HttpMethod> USUALLY_WITH_BODY =
      Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);

  private final @Nullable ByteReplacer replacer;
  private final long length;
  private final boolean empty;
  private final ByteArrayOutputStream held = new ByteArrayOutputStream(0);

  /// @param length in bytes as it was sent, or -1 when the request does not say
  /// @param empty whether a length of 0 is said
  private OutgoingBody(@Nullable ByteReplacer replacer, long length, boolean empty) {
    this.replacer = replacer;
    this.length = length;
    this.empty = empty;
  }

  /// @param injections for the host the request goes to
  public static OutgoingBody of(HttpRequest request, List<Injection> injections) {
    boolean chunked = HttpUtil.isTransferEncodingChunked(request);
    long length = chunked ? -1 : HttpUtil.getContentLength(request, 0L);
    boolean replaced =
        length != 0 && BodyInjection.any(injections) && !isCompressed(request.headers());
    return new OutgoingBody(
        replaced ? BodyInjection.of(injections) : null,
        length,
        USUALLY_WITH_BODY.contains(request.method()));
  }

  static boolean isCompressed(HttpHeaders headers) {
    return headers.getAll(HttpHeaderNames.CONTENT_ENCODING).stream()
        .anyMatch(encoding -> !encoding.strip().equalsIgnoreCase("identity"));
  }

  /// Whether all of it is taken before the head is sent, because its length has to be known.
  public boolean isGathered() {
    return replacer != null && length >= 0 && length <= GATHERED_BYTES_MAX;
  }

  /// The bytes to send for `part`, which stays the caller's. Those of a gathered body come all at
  /// its end.
  ///
  /// @param last whether it is the end of the body
  /// @throws ByteReplacer.TooManyException when it holds too many placeholders
  public ByteBuf out(ByteBuf part, boolean last) {
    ByteReplacer replaces = replacer;
    if (replaces == null) {
      return part.retain();
    }
    byte[] replaced = replaces.feed(ByteBufUtil.getBytes(part));
    byte[] rest = last ? replaces.end() : new byte[0];
    if (!isGathered()) {
      return Unpooled.wrappedBuffer(replaced, rest);
    }
    held.writeBytes(replaced);
    held.writeBytes(rest);
    return last ? Unpooled.wrappedBuffer(held.toByteArray()) : Unpooled.EMPTY_BUFFER;
  }

  /// Says in `headers` how the body is framed. A gathered one has been taken.
  public void frame(HttpHeaders headers) {
    if (isGathered()) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, held.size());
    } else if (length < 0 || replacer != null) {
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, "chunked");
    } else if (length > 0 || empty) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
    }
  }

  /// The credentials whose secrets are in the body so far.
  public Set<String> used() {
    return replacer == null ? Set.of() : replacer.used();
  }
}
