package io.steward.vaultproxy.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.steward.vaultproxy.admission.Admissions;
import io.steward.vaultproxy.admission.Guest;
import io.steward.vaultproxy.policy.Refusal.Reason;
import io.steward.vaultproxy.policy.SandboxIdentity;
import io.steward.vaultproxy.proxy.Decision.Refused;
import io.steward.vaultproxy.proxy.Entrance.Inside;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Finds out whose the requests of one connection are, and lets them in as far as the sandbox'
/// limits go. A token nobody knows is looked for during a bounded time, because its announcement
/// may still be on its way. Everything happens on the event loop of the connection, which is never
/// held up.
final class Reception {
  /// What is said to who is not known.
  static final Refused UNKNOWN =
      Refused.because(
          407, Reason.UNKNOWN_SANDBOX, "The proxy does not know this sandbox, or it has ended.");

  private static final long LOOK_MILLIS = 50;

  private final ProxyCore core;
  private final Entrance entrance;
  private byte @Nullable [] owner;
  private boolean introduced;
  private boolean admitted;
  private boolean asked;

  Reception(ProxyCore core, Entrance entrance) {
    this.core = core;
    this.entrance = entrance;
  }

  /// What becomes of a request, before anybody looks at it.
  sealed interface Answer {
    /// It is the guest's; [Guest#leave] must follow once.
    record Welcome(Guest guest) implements Answer {}

    /// @param last whether the connection ends
    /// @param sandbox whose it is, or null when nobody knows
    record Denied(Refused refused, boolean last, @Nullable SandboxIdentity sandbox)
        implements Answer {}
  }

  /// The connection is for good that of the sandbox with this token.
  void introduce(Channel connection, String token) {
    byte[] sha256 = Admissions.sha256(token);
    owner = sha256;
    introduced = true;
    // When there is no place for it, its first request is told so.
    core.admissions().guest(sha256).ifPresent(guest -> core.admissions().admit(guest, connection));
  }

  /// Gives `then` one answer, now or later, unless the connection closes before.
  void receive(ChannelHandlerContext ctx, HttpRequest request, Consumer<Answer> then) {
    if (entrance instanceof Inside inside) {
      then.accept(enter(ctx, inside.guest()));
      return;
    }
    Optional<byte[]> named =
        Admissions.named(request.headers().get(HttpHeaderNames.PROXY_AUTHORIZATION));
    byte[] own = owner;
    byte[] wanted = named.isPresent() ? named.get() : introduced ? own : null;
    if (wanted == null || own != null && !MessageDigest.isEqual(own, wanted)) {
      boolean last = own != null || asked;
      asked = true;
      then.accept(new Answer.Denied(UNKNOWN, last, null));
    } else {
      look(ctx, wanted, core.limits().announcementMax().toMillis() / LOOK_MILLIS, then);
    }
  }

  /// @param looksLeft after this one
  private void look(
      ChannelHandlerContext ctx, byte[] tokenSha256, long looksLeft, Consumer<Answer> then) {
    Optional<Guest> guest = core.admissions().guest(tokenSha256);
    if (guest.isPresent()) {
      then.accept(enter(ctx, guest.get()));
    } else if (admitted || looksLeft <= 0) {
      boolean last = owner != null || asked;
      asked = true;
      then.accept(new Answer.Denied(UNKNOWN, last, null));
    } else {
      var _ =
          ctx.executor()
              .schedule(
                  () -> {
                    if (ctx.channel().isActive()) {
                      look(ctx, tokenSha256, looksLeft - 1, then);
                    }
                  },
                  LOOK_MILLIS,
                  TimeUnit.MILLISECONDS);
    }
  }

  private Answer enter(ChannelHandlerContext ctx, Guest guest) {
    if (!(entrance instanceof Inside)) {
      owner = guest.tokenSha256();
      admitted = true;
      if (!core.admissions().admit(guest, ctx.channel())) {
        return tooMuch(guest, "connections", true);
      }
    }
    if (!core.admissions().mayAsk(guest)) {
      return tooMuch(guest, "requests in a short time", false);
    }
    return guest.enter() ? new Answer.Welcome(guest) : tooMuch(guest, "requests at once", false);
  }

  private static Answer tooMuch(Guest guest, String what, boolean last) {
    return new Answer.Denied(
        Refused.because(429, Reason.LIMIT, "This sandbox makes too many " + what + "."),
        last,
        guest.identity().orElse(null));
  }
}
