package io.steward.vaultproxy.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.steward.schemas.trace.SpanKeys;
import io.steward.vaultproxy.inject.ByteReplacer;
import io.steward.vaultproxy.inject.Injection;
import io.steward.vaultproxy.inject.RequestHead;
import io.steward.vaultproxy.inject.Signing;
import io.steward.vaultproxy.message.Answer;
import io.steward.vaultproxy.message.OutgoingBody;
import io.steward.vaultproxy.policy.Refusal.Reason;
import io.steward.vaultproxy.policy.SandboxIdentity;
import io.steward.vaultproxy.proxy.Decision.Forward;
import io.steward.vaultproxy.proxy.Decision.Refused;
import io.steward.vaultproxy.proxy.ProxyObserver.CredentialUse;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One request that goes on, and its answer. Either side is read only when what it sent before has
/// been written to the other, so an exchange holds one part in each direction. Everything happens
/// on the event loop of the client.
final class Exchange {
  private final ChannelHandlerContext client;
  private final HttpRequest request;
  private final SandboxIdentity sandbox;
  private final Forward forward;
  private final ProxyCore core;
  private final End end;
  private final Span span;
  private final OutgoingBody outgoing;
  private final boolean contentless;
  private @Nullable Channel host;
  private @Nullable Answer answer;
  private final Set<String> signed = new LinkedHashSet<>();
  private int roomTaken;
  private boolean headSent;
  private boolean requestEnded;
  private boolean informational;
  private boolean answerEnded;
  private boolean reported;
  private boolean over;

  /// What comes after an exchange.
  interface End {
    /// The answer was sent.
    ///
    /// @param keepAlive whether another request may follow
    void answered(boolean keepAlive);

    /// There is no answer, and the client was sent nothing yet.
    void failed(Refused refused);

    /// The client has a part of an answer that will not be completed.
    void broken();
  }

  Exchange(
      ChannelHandlerContext client,
      HttpRequest request,
      SandboxIdentity sandbox,
      Forward forward,
      ProxyCore core,
      End end) {
    this.client = client;
    this.request = request;
    this.sandbox = sandbox;
    this.forward = forward;
    this.core = core;
    this.end = end;
    this.span =
        core.spans()
            .begin(client.channel(), request.method().name(), forward.route().endpoint(), sandbox);
    this.outgoing = OutgoingBody.of(request, forward.injections(), forward.signings());
    this.contentless = request instanceof LastHttpContent;
  }

  /// The connection to the host is there, and this exchange's own.
  void begin(Channel connection) {
    if (over) {
      var _ = connection.close();
      return;
    }
    host = connection;
    if (!core.signingRoom().take(outgoing.signedBytesMax())) {
      fail(
          Refused.because(
              503,
              Reason.LIMIT,
              "The proxy holds as many requests to be signed as it can; try again later."));
      return;
    }
    roomTaken = outgoing.signedBytesMax();
    connection.pipeline().addLast(new FromHost());
    if (!outgoing.isGathered() && !sendHead(connection)) {
      return;
    }
    if (contentless) {
      content(LastHttpContent.EMPTY_LAST_CONTENT);
    } else {
      client.read();
    }
  }

  /// A part of the request. It stays the caller's.
  void content(HttpContent part) {
    Channel to = host;
    if (over || to == null || requestEnded) {
      return;
    }
    if (part.decoderResult().isFailure()) {
      fail(Refused.because(400, Reason.MALFORMED, "The body of the request is broken."));
      return;
    }
    requestEnded = part instanceof LastHttpContent;
    ByteBuf bytes;
    try {
      bytes = outgoing.out(part.content(), requestEnded);
    } catch (ByteReplacer.TooManyException e) {
      fail(
          Refused.because(
              403, Reason.SECRET, "The body of the request holds too many placeholders."));
      return;
    } catch (OutgoingBody.TooLongException e) {
      fail(Decider.tooLong());
      return;
    }
    if (outgoing.isGathered() && !requestEnded) {
      client.read();
      return;
    }
    if (!headSent && !sendHead(to)) {
      bytes.release();
      return;
    }
    var _ =
        to.writeAndFlush(
                requestEnded ? new DefaultLastHttpContent(bytes) : new DefaultHttpContent(bytes))
            .addListener(written -> {
              if (written.isSuccess() && !over) {
                client.read(); // After the end, too: that is how a client that goes away is seen.
              }
            });
  }

  /// Whether it could be sent; else the exchange has ended.
  private boolean sendHead(Channel to) {
    outgoing.frame(forward.headers());
    if (!(to instanceof Http2StreamChannel)) {
      forward.headers().set(HttpHeaderNames.CONNECTION, "close");
    }
    if (!isSigned()) {
      return false;
    }
    headSent = true;
    HttpRequest head =
        new DefaultHttpRequest(
            HttpVersion.HTTP_1_1, request.method(), forward.path(), forward.headers());
    var _ =
        to.writeAndFlush(head)
            .addListener(written -> {
              if (!written.isSuccess()) {
                hostGone();
              }
            });
    to.read();
    return true;
  }

  /// Whether all signatures are in the headers now; else the exchange has ended.
  private boolean isSigned() {
    for (Signing signing : forward.signings()) {
      RequestHead head =
          new RequestHead(request.method().name(), forward.path(), forward.headers().entries());
      switch (signing.sign(head, outgoing.gathered())) {
        case Signing.Signed(var headers) -> {
          headers.forEach((name, value) -> forward.headers().set(name, value));
          signed.add(signing.credentialId());
        }
        case Signing.Unfit unfit -> {
          fail(Refused.because(403, Reason.SECRET, unfit.sentence()));
          return false;
        }
      }
    }
    return true;
  }

  /// What the host sends.
  private final class FromHost extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      try {
        if (message instanceof HttpObject part && !over) {
          received(ctx, part);
        }
      } finally {
        ReferenceCountUtil.release(message);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      hostGone();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      hostGone();
    }
  }

  private void received(ChannelHandlerContext from, HttpObject part) {
    if (part.decoderResult().isFailure()) {
      hostGone();
      return;
    }
    if (part instanceof HttpResponse head) {
      informational = head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
      if (!informational && !answerBegins(head)) {
        return;
      }
    }
    Answer begun = answer;
    if (informational || begun == null || !(part instanceof HttpContent content)) {
      from.read();
      return;
    }
    boolean last = content instanceof LastHttpContent;
    answerEnded = last;
    if (last) {
      report(); // Before the client has all of it: nobody has an answer that is not in the audit.
    }
    var _ =
        client
            .writeAndFlush(begun.part(content))
            .addListener(written -> {
              if (!written.isSuccess()) {
                clientGone();
              } else if (last) {
                finished(begun);
              } else {
                from.read();
              }
            });
  }

  /// Whether the answer can be passed on.
  private boolean answerBegins(HttpResponse head) {
    try {
      Answer begun = Answer.of(request, head, forward.scrub());
      answer = begun;
      var _ = client.writeAndFlush(begun.head());
      return true;
    } catch (IllegalArgumentException e) {
      hostGone();
      return false;
    }
  }

  private void finished(Answer complete) {
    if (close()) {
      end.answered(complete.keepsAlive());
    }
  }

  /// The client does not want the answer any more.
  void clientGone() {
    if (close()) {
      end.broken();
    }
  }

  /// No connection to the host could be made.
  void unreachable(Refused refused) {
    fail(refused);
  }

  private void hostGone() {
    if (answerEnded) {
      return; // What it sent is still being written.
    }
    if (answer == null) {
      fail(
          Refused.because(
              502,
              Reason.UPSTREAM,
              "The host "
                  + forward.route().endpoint().host().text()
                  + " did not send a complete answer."));
    } else {
      clientGone();
    }
  }

  private void fail(Refused refused) {
    if (answer != null) {
      clientGone();
    } else if (close()) {
      end.failed(refused);
    }
  }

  /// Whether it was open until now.
  private boolean close() {
    if (over) {
      return false;
    }
    over = true;
    core.signingRoom().give(roomTaken);
    Channel connection = host;
    if (connection != null) {
      var _ = connection.close();
    }
    report();
    if (answerEnded && answer != null) {
      span.setAttribute(SpanKeys.STATUS, answer.head().status().code());
    } else {
      span.setAttribute(SpanKeys.ERROR_TYPE, "incomplete");
      span.setStatus(StatusCode.ERROR);
    }
    span.end();
    return true;
  }

  private void report() {
    if (reported || !headSent) {
      return;
    }
    reported = true;
    Set<String> used = new LinkedHashSet<>(forward.credentialIds());
    used.addAll(outgoing.used());
    used.addAll(signed);
    if (!used.isEmpty()) {
      span.setAttribute(SpanKeys.CREDENTIALS, List.copyOf(used));
    }
    int status = answer == null ? 0 : answer.head().status().code();
    for (Injection injection : forward.injections()) {
      if (used.contains(injection.credentialId())) {
        core.observer()
            .used(
                new CredentialUse(
                    sandbox,
                    injection.vaultId(),
                    injection.credentialId(),
                    forward.route().endpoint(),
                    forward.route().secure(),
                    status));
      }
    }
  }
}
