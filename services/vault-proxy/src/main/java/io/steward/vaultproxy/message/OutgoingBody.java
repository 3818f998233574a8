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
import io.steward.vaultproxy.inject.Signing;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The body of a request on its way out: how it is framed, and the secrets that are put into it.
/// Compressed bodies pass as they are, and those whose hash the client has signed. For one request,
/// and one thread.
public final class OutgoingBody {
  /// Bodies up to this many bytes keep a `Content-Length` when secrets are put in; longer ones
  /// become chunked.
  public static final int GATHERED_BYTES_MAX = 65_536;

  private static final byte[] NOTHING = {};
  private static final Set<HttpMethod> USUALLY_WITH_BODY =
      Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);

  private final @Nullable ByteReplacer replacer;
  private final boolean signed;
  private final long length;
  private final boolean empty;
  private final ByteArrayOutputStream held = new ByteArrayOutputStream(0);
  private byte[] gathered = NOTHING;

  /// It is to be signed, and too long for that.
  public static final class TooLongException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooLongException() {
      super("more than " + Signing.BODY_BYTES_MAX + " bytes", null, false, false);
    }
  }

  /// @param signed whether a signature covers it, so that all of it must be there
  /// @param length in bytes as it was sent, or -1 when the request does not say
  /// @param empty whether a length of 0 is said
  private OutgoingBody(
      @Nullable ByteReplacer replacer, boolean signed, long length, boolean empty) {
    this.replacer = replacer;
    this.signed = signed;
    this.length = length;
    this.empty = empty;
  }

  /// @param injections for the host the request goes to
  /// @param signings of this request
  public static OutgoingBody of(
      HttpRequest request, List<Injection> injections, List<Signing> signings) {
    long length = length(request);
    boolean replaced =
        length != 0
            && BodyInjection.any(injections)
            && !isCompressed(request.headers())
            && signings.stream().noneMatch(Signing::fixesBody);
    return new OutgoingBody(
        replaced ? BodyInjection.of(injections) : null,
        signings.stream().anyMatch(Signing::needsBody),
        length,
        USUALLY_WITH_BODY.contains(request.method()));
  }

  /// Bytes of the body of `request`, or -1 when it does not say.
  public static long length(HttpRequest request) {
    return HttpUtil.isTransferEncodingChunked(request)
        ? -1
        : HttpUtil.getContentLength(request, 0L);
  }

  static boolean isCompressed(HttpHeaders headers) {
    return headers.getAll(HttpHeaderNames.CONTENT_ENCODING).stream()
        .anyMatch(encoding -> !encoding.strip().equalsIgnoreCase("identity"));
  }

  /// Whether all of it is taken before the head is sent, because its length has to be known, or
  /// because it is signed.
  public boolean isGathered() {
    return signed || replacer != null && length >= 0 && length <= GATHERED_BYTES_MAX;
  }

  /// How many bytes may have to be kept until it is signed.
  public int signedBytesMax() {
    if (!signed || length == 0) {
      return 0;
    }
    return replacer == null && length > 0 && length <= Signing.BODY_BYTES_MAX
        ? (int) length
        : Signing.BODY_BYTES_MAX;
  }

  /// A gathered body that has been taken; nothing of any other.
  public byte[] gathered() {
    return gathered;
  }

  /// The bytes to send for `part`, which stays the caller's. Those of a gathered body come all at
  /// its end.
  ///
  /// @param last whether it is the end of the body
  /// @throws ByteReplacer.TooManyException when it holds too many placeholders
  /// @throws TooLongException when it is signed, and has more than [Signing#BODY_BYTES_MAX] bytes
  public ByteBuf out(ByteBuf part, boolean last) {
    ByteReplacer replaces = replacer;
    if (replaces == null && !signed) {
      return part.retain();
    }
    byte[] bytes = ByteBufUtil.getBytes(part);
    byte[] replaced = replaces == null ? bytes : replaces.feed(bytes);
    byte[] rest = replaces != null && last ? replaces.end() : NOTHING;
    if (!isGathered()) {
      return Unpooled.wrappedBuffer(replaced, rest);
    }
    held.writeBytes(replaced);
    held.writeBytes(rest);
    if (signed && held.size() > Signing.BODY_BYTES_MAX) {
      throw new TooLongException();
    }
    if (!last) {
      return Unpooled.EMPTY_BUFFER;
    }
    gathered = held.toByteArray();
    held.reset();
    return Unpooled.wrappedBuffer(gathered);
  }

  /// Says in `headers` how the body is framed. A gathered one has been taken.
  public void frame(HttpHeaders headers) {
    if (isGathered()) {
      if (length != 0 || empty) {
        headers.set(HttpHeaderNames.CONTENT_LENGTH, gathered.length);
      }
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
