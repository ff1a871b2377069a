#include "sockets.h"
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

/** Node's for TLS 1.2: `crypto.constants.defaultCoreCipherList`. Those of TLS 1.3, and the groups, are OpenSSL's defaults. */
static const char CIPHERS[] =
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA256:DHE-RSA-AES128-SHA256:"
    "ECDHE-RSA-AES256-SHA384:DHE-RSA-AES256-SHA384:ECDHE-RSA-AES256-SHA256:DHE-RSA-AES256-SHA256:"
    "HIGH:!aNULL:!eNULL:!EXPORT:!DES:!RC4:!MD5:!PSK:!SRP:!CAMELLIA";

static const unsigned char HTTP[] = "\x08http/1.1";

/** Adds each certificate of the text; one that cannot be read is passed over, for the others' sake. */
static void add_roots(X509_STORE *store, const char *roots) {
  size_t size = strlen(roots);
  BIO *text = size <= INT_MAX ? BIO_new_mem_buf(roots, (int)size) : NULL;
  while (text && !BIO_eof(text)) {
    ERR_clear_error();
    X509 *root = PEM_read_bio_X509(text, NULL, NULL, "");
    if (root) X509_STORE_add_cert(store, root);
    else if (ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) break;
    X509_free(root);
  }
  BIO_free(text);
  ERR_clear_error();
}

SSL_CTX *trust_in(const char *roots) {
  ERR_clear_error();
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  if (!context) return NULL;
  bool is_set = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                SSL_CTX_set_cipher_list(context, CIPHERS) == 1 &&
                SSL_CTX_set_alpn_protos(context, HTTP, sizeof HTTP - 1) == 0; // this one has it the other way round
  if (!is_set) {
    SSL_CTX_free(context);
    return NULL;
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // A peer that only hangs up is heard as one that says goodbye, as with Node: HTTP knows by itself what is cut off.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  // An idle connection gives back its 34 kB of buffers.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
  add_roots(SSL_CTX_get_cert_store(context), roots);
  return context;
}

void prepare_hashes(void) {
  unsigned char made[EVP_MAX_MD_SIZE];
  HMAC(EVP_sha256(), "", 0, made, 0, made, NULL);
  ERR_clear_error();
}

SSL *session_with(SSL_CTX *trust, int fd, const char *host) {
  ERR_clear_error();
  SSL *session = SSL_new(trust);
  if (!session) return NULL;
  SSL_set_connect_state(session);
  SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  bool is_address = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) == 1;
  bool is_set = is_address || (SSL_set1_host(session, host) == 1 && SSL_set_tlsext_host_name(session, host) == 1);
  if (is_set && SSL_set_fd(session, fd) == 1) return session;
  SSL_free(session);
  return NULL;
}

/** Node's names for what is wrong with a certificate. */
static const char *code_of_certificate(long wrong) {
  switch (wrong) {
#define NAMED(name) \
  case X509_V_ERR_##name: return #name;
    NAMED(UNABLE_TO_GET_ISSUER_CERT)
    NAMED(UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY)
    NAMED(CERT_SIGNATURE_FAILURE)
    NAMED(CERT_NOT_YET_VALID)
    NAMED(CERT_HAS_EXPIRED)
    NAMED(ERROR_IN_CERT_NOT_BEFORE_FIELD)
    NAMED(ERROR_IN_CERT_NOT_AFTER_FIELD)
    NAMED(DEPTH_ZERO_SELF_SIGNED_CERT)
    NAMED(SELF_SIGNED_CERT_IN_CHAIN)
    NAMED(UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
    NAMED(UNABLE_TO_VERIFY_LEAF_SIGNATURE)
    NAMED(CERT_CHAIN_TOO_LONG)
    NAMED(CERT_REVOKED)
    NAMED(INVALID_CA)
    NAMED(PATH_LENGTH_EXCEEDED)
    NAMED(INVALID_PURPOSE)
    NAMED(CERT_UNTRUSTED)
    NAMED(CERT_REJECTED)
#undef NAMED
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return "ERR_TLS_CERT_ALTNAME_INVALID";
    default: return "CERT_UNTRUSTED";
  }
}

/** `wrong version number` is ERR_SSL_WRONG_VERSION_NUMBER, as Node has it. */
static void name_after(char *code, size_t size, const char *reason) {
  size_t at = (size_t)snprintf(code, size, "ERR_SSL_");
  for (; *reason && at + 1 < size; reason++) {
    int letter = (unsigned char)*reason;
    code[at++] = isalnum(letter) ? (char)toupper(letter) : '_';
  }
  code[at] = '\0';
}

/** What OpenSSL says of itself, of the certificate where that is what is wrong. */
static enum outcome broken_by_tls(struct connection *c) {
  struct fault *fault = &c->fault;
  long wrong = SSL_get_verify_result(c->session);
  if (c->state == SHAKING_HANDS && wrong != X509_V_OK) {
    const char *reason = X509_verify_cert_error_string(wrong);
    snprintf(fault->code, sizeof fault->code, "%s", code_of_certificate(wrong));
    snprintf(fault->message, sizeof fault->message, "%s (certificate of %s)", reason, c->host);
  } else {
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    if (!reason) reason = "protocol error";
    name_after(fault->code, sizeof fault->code, reason);
    snprintf(fault->message, sizeof fault->message, "%s (TLS with %s)", reason, c->host);
  }
  ERR_clear_error();
  return BROKEN;
}

/** What a result means that is no success. @param error errno as the call left it */
static enum outcome outcome_of(struct connection *c, int result, int error, const char *call) {
  switch (SSL_get_error(c->session, result)) {
    case SSL_ERROR_WANT_READ: c->wanted |= EPOLLIN; return BLOCKED;
    case SSL_ERROR_WANT_WRITE: c->wanted |= EPOLLOUT; return BLOCKED;
    case SSL_ERROR_ZERO_RETURN: return AT_END;
    case SSL_ERROR_SYSCALL: return error == 0 ? AT_END : broken_by(c, error, call);
    default: return broken_by_tls(c);
  }
}

enum outcome shake_hands(struct connection *c) {
  ERR_clear_error();
  errno = 0;
  int result = SSL_do_handshake(c->session);
  if (result == 1) {
    // The handshake fails by itself where the certificate is wrong; this holds even if somebody sets another mode.
    bool is_verified = SSL_get_verify_result(c->session) == X509_V_OK && SSL_get0_peer_certificate(c->session);
    return is_verified ? MOVED : broken_by_tls(c);
  }
  enum outcome outcome = outcome_of(c, result, errno, "handshake");
  if (outcome != AT_END) return outcome;
  snprintf(c->fault.code, sizeof c->fault.code, "ECONNRESET");
  snprintf(c->fault.message, sizeof c->fault.message, "%s hung up before the TLS connection was established", c->host);
  return BROKEN;
}

enum outcome tls_read(struct connection *c, void *room, size_t size, size_t *moved) {
  ERR_clear_error();
  errno = 0;
  int result = SSL_read_ex(c->session, room, size, moved);
  return result == 1 ? MOVED : outcome_of(c, result, errno, "read");
}

enum outcome tls_write(struct connection *c, const void *bytes, size_t size, size_t *moved) {
  ERR_clear_error();
  errno = 0;
  int result = SSL_write_ex(c->session, bytes, size, moved);
  return result == 1 ? MOVED : outcome_of(c, result, errno, "write");
}

void end_session(SSL *session, bool is_polite) {
  if (is_polite) SSL_shutdown(session); // the peer's own goodbye is not waited for
  SSL_free(session);
  ERR_clear_error();
}
