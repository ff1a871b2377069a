#include "sockets.h"
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHA256 32

/** By `enum kind`. */
static const char *const KIND_NAMES[] = {"connect", "data", "end", "error", "close"};

/** What the network's thread tells the loop's. */
struct event {
  struct connection *connection;
  enum kind kind;
  size_t size;
  char bytes[];
};

// ---- connections, as JavaScript knows them

static struct connection **row_of(struct sockets *home, uint64_t id) {
  return &home->rows[id % ROWS];
}

/** @return NULL where it is closed, or never was */
static struct connection *known(struct sockets *home, uint64_t id) {
  struct connection *c = *row_of(home, id);
  while (c && c->id != id) c = c->next_in_row;
  return c;
}

/** Counts a connection among those that keep Node alive, or no longer. */
static void count(napi_env env, struct connection *c, bool is_counted) {
  struct sockets *home = c->home;
  if (c->is_counted == is_counted) return;
  c->is_counted = is_counted;
  if (is_counted && home->counted++ == 0) napi_ref_threadsafe_function(env, home->heard);
  if (!is_counted && --home->counted == 0) napi_unref_threadsafe_function(env, home->heard);
}

/** Nothing is heard of it any more. */
static void forget(napi_env env, struct connection *c) {
  struct connection **place = row_of(c->home, c->id);
  while (*place != c) place = &(*place)->next_in_row;
  *place = c->next_in_row;
  c->is_known = false;
  count(env, c, false);
  let_go(c);
}

// ---- what is heard

void tell(struct connection *c, enum kind kind, const void *bytes, size_t size) {
  struct event *event = memory(sizeof *event + size);
  event->connection = c;
  event->kind = kind;
  event->size = size;
  if (size > 0) memcpy(event->bytes, bytes, size);
  hold(c);
  if (napi_call_threadsafe_function(c->home->heard, event, napi_tsfn_nonblocking) == napi_ok) return;
  let_go(c);
  free(event);
}

static bool text_of(napi_env env, const char *text, napi_value *value) {
  return napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, value) == napi_ok;
}

static bool bytes_of(napi_env env, const void *bytes, size_t size, napi_value *value) {
  void *place;
  if (napi_create_arraybuffer(env, size, &place, value) != napi_ok) return false;
  if (size > 0) memcpy(place, bytes, size);
  return true;
}

/** By Node's loop, once it has come round. */
static void read_on(napi_env env, napi_value none, void *context, void *data) {
  (void)env, (void)none, (void)context;
  struct connection *c = data;
  pthread_mutex_lock(&c->home->lock);
  attend_to(c);
  pthread_mutex_unlock(&c->home->lock);
  let_go(c);
}

/** What calls `read_on`, made when it is first needed. @return whether it is there */
static bool can_come_round(napi_env env, struct sockets *home) {
  napi_value name;
  if (home->round) return true;
  if (!text_of(env, "maintenance-window", &name) ||
      napi_create_threadsafe_function(env, NULL, NULL, name, 0, 1, NULL, NULL, NULL, read_on, &home->round) != napi_ok) {
    home->round = NULL;
    return false;
  }
  napi_unref_threadsafe_function(env, home->round);
  return true;
}

/**
 * There is room for more of it to be read: where it was too much, only once all is heard and Node's loop has come round. It
 * hears up to a thousand pieces in a row while new ones come, and would not get to its timers.
 */
static void make_room(napi_env env, struct connection *c, size_t size) {
  struct sockets *home = c->home;
  pthread_mutex_lock(&home->lock);
  c->unheard -= size;
  bool is_all_heard = c->is_full && c->unheard == 0;
  pthread_mutex_unlock(&home->lock);
  if (!is_all_heard) return;
  hold(c);
  if (can_come_round(env, home) && napi_call_threadsafe_function(home->round, c, napi_tsfn_nonblocking) == napi_ok) return;
  read_on(env, NULL, NULL, c);
}

/** Makes what belongs to an event. */
static bool facts_of(napi_env env, const struct event *event, napi_value *first, napi_value *second) {
  if (event->kind == DATA) return bytes_of(env, event->bytes, event->size, first);
  if (event->kind != FAILED) return true;
  struct fault fault;
  memcpy(&fault, event->bytes, sizeof fault);
  return text_of(env, fault.code, first) && text_of(env, fault.message, second);
}

/** Calls JavaScript. What that throws is an uncaught exception, as it is from a socket of Node's. */
static void call(napi_env env, napi_value heard, uint64_t id, const struct event *event) {
  napi_value undefined, arguments[4], thrown;
  bool is_pending = false;
  if (napi_get_undefined(env, &undefined) != napi_ok) return;
  arguments[2] = arguments[3] = undefined;
  if (napi_create_double(env, (double)id, &arguments[0]) == napi_ok &&
      text_of(env, KIND_NAMES[event->kind], &arguments[1]) && facts_of(env, event, &arguments[2], &arguments[3])) {
    napi_call_function(env, undefined, heard, 4, arguments, NULL);
  }
  // A worker that is being terminated throws nothing that could be had.
  if (napi_is_exception_pending(env, &is_pending) == napi_ok && is_pending &&
      napi_get_and_clear_last_exception(env, &thrown) == napi_ok) {
    napi_fatal_exception(env, thrown);
  }
}

/** By Node's loop, for each event by itself: promises go on in between, as they do between those of Node's sockets. */
static void hear(napi_env env, napi_value heard, void *context, void *data) {
  (void)context;
  struct event *event = data;
  struct connection *c = event->connection;
  // Without an environment it is only to be freed.
  if (env && c->is_known) {
    if (event->kind == CLOSED) forget(env, c);
    call(env, heard, c->id, event);
    if (event->kind == DATA) make_room(env, c, event->size);
  }
  let_go(c);
  free(event);
}

// ---- what JavaScript calls

static napi_value refuse(napi_env env, const char *code, const char *message) {
  napi_throw_type_error(env, code, message);
  return NULL;
}

/** Reads arguments; those that are missing are undefined. @return NULL, which it never is, where Node is ending */
static struct sockets *called(napi_env env, napi_callback_info info, size_t count, napi_value *arguments) {
  void *home;
  return napi_get_cb_info(env, info, &count, arguments, NULL, &home) == napi_ok ? home : NULL;
}

/** Reads arguments of which the first is a connection's number. @return NULL where it is closed or no number */
static struct connection *called_for(napi_env env, napi_callback_info info, size_t count, napi_value *arguments) {
  struct sockets *home = called(env, info, count, arguments);
  int64_t id;
  if (!home) return NULL;
  if (napi_get_value_int64(env, arguments[0], &id) == napi_ok) return known(home, (uint64_t)id);
  refuse(env, "ERR_INVALID_ARG_TYPE", "the first argument is no number of a connection");
  return NULL;
}

/** Reads a text in UTF-8, behind room for a header; it ends in a NUL. @return NULL where it is none */
static void *read_text(napi_env env, napi_value value, size_t header, size_t *size) {
  if (napi_get_value_string_utf8(env, value, NULL, 0, size) != napi_ok) return NULL;
  char *made = memory(header + *size + 1);
  if (napi_get_value_string_utf8(env, value, made + header, *size + 1, size) == napi_ok) return made;
  free(made);
  return NULL;
}

/** Runs when the environment ends, before anything that it uses does. */
static void end_environment(void *data) {
  struct sockets *home = data;
  stop_network(home);
  napi_release_threadsafe_function(home->heard, napi_tsfn_abort);
  if (home->round) napi_release_threadsafe_function(home->round, napi_tsfn_abort);
  home->round = NULL;
  for (size_t row = 0; row < ROWS; row++) {
    for (struct connection *next, *c = home->rows[row]; c; c = next) {
      next = c->next_in_row;
      c->is_known = false;
      let_go(c);
    }
    home->rows[row] = NULL;
  }
}

static napi_value start(napi_env env, napi_callback_info info) {
  napi_value arguments[2], name;
  napi_valuetype type;
  size_t size;
  struct sockets *home = called(env, info, 2, arguments);
  if (!home) return NULL;
  if (home->heard) return refuse(env, "ERR_INVALID_STATE", "the sockets are started already");
  if (napi_typeof(env, arguments[0], &type) != napi_ok || type != napi_function) {
    return refuse(env, "ERR_INVALID_ARG_TYPE", "heard is no function");
  }
  char *roots = read_text(env, arguments[1], 0, &size);
  if (!roots) return refuse(env, "ERR_INVALID_ARG_TYPE", "roots is no text");
  free(home->roots);
  home->roots = roots;
  if (!text_of(env, "maintenance-window", &name) ||
      napi_create_threadsafe_function(env, arguments[0], NULL, name, 0, 1, NULL, NULL, NULL, hear, &home->heard) !=
          napi_ok) {
    home->heard = NULL;
    return refuse(env, "ERR_INVALID_STATE", "the environment is ending");
  }
  napi_unref_threadsafe_function(env, home->heard);
  // After what it uses: the latest hook runs first.
  napi_add_env_cleanup_hook(env, end_environment, home);
  return NULL;
}

/** Gives a new connection to the thread, which the first one starts. @return 0 or the errno of a thread that is none */
static int begin_work(struct connection *c) {
  struct sockets *home = c->home;
  int error = home->is_started ? 0 : start_network(home);
  if (error) return error;
  home->is_started = true;
  pthread_mutex_lock(&home->lock);
  attend_to(c);
  // If the thread comes round to it after all, then not to send what JavaScript has sent elsewhere meanwhile.
  c->is_closed = home->is_broken;
  error = home->is_broken ? EBADF : 0;
  pthread_mutex_unlock(&home->lock);
  return error;
}

/** Whether this may be a host. OpenSSL takes an empty one for "anybody", and one after a dot for "anybody below". */
static bool is_host(const char *host, size_t size) {
  return size > 0 && host[0] != '.' && strlen(host) == size;
}

static napi_value connect_to(napi_env env, napi_callback_info info) {
  napi_value arguments[3], number;
  int32_t port;
  bool is_tls;
  size_t size;
  struct sockets *home = called(env, info, 3, arguments);
  if (!home) return NULL;
  if (!home->heard) return refuse(env, "ERR_INVALID_STATE", "the sockets are not started");
  if (napi_get_value_int32(env, arguments[1], &port) != napi_ok || port < 0 || port > 65535) {
    return refuse(env, "ERR_SOCKET_BAD_PORT", "port is no number from 0 to 65535");
  }
  if (napi_get_value_bool(env, arguments[2], &is_tls) != napi_ok) {
    return refuse(env, "ERR_INVALID_ARG_TYPE", "isTls is neither true nor false");
  }
  struct connection *c = read_text(env, arguments[0], offsetof(struct connection, host), &size);
  if (!c || !is_host(c->host, size)) {
    free(c);
    return refuse(env, "ERR_INVALID_ARG_VALUE", "host is no name of a host");
  }
  c->home = home;
  atomic_fetch_add(&home->holders, 1);
  atomic_init(&c->holders, 1);
  c->id = ++home->latest;
  c->port = port;
  c->is_tls = is_tls;
  c->fd = -1;
  c->is_known = true;
  c->next_in_row = *row_of(home, c->id);
  *row_of(home, c->id) = c;
  count(env, c, true);
  int error = begin_work(c);
  if (error) {
    struct fault fault;
    // What a later try may mend has the system's name; of what none will, Node is told, which can do without.
    snprintf(fault.code, sizeof fault.code, "%s", home->is_started ? "ERR_SOCKETS_BROKEN" : name_of(error));
    snprintf(fault.message, sizeof fault.message, "the thread of the sockets does not work");
    tell(c, FAILED, &fault, sizeof fault);
    tell(c, CLOSED, NULL, 0);
  }
  return napi_create_double(env, (double)c->id, &number) == napi_ok ? number : NULL;
}

static napi_value send_text(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t size;
  struct connection *c = called_for(env, info, 2, arguments);
  if (!c) return NULL;
  struct chunk *chunk = read_text(env, arguments[1], offsetof(struct chunk, bytes), &size);
  if (!chunk) return refuse(env, "ERR_INVALID_ARG_TYPE", "what is to be sent is no text");
  chunk->size = size;
  pthread_mutex_lock(&c->home->lock);
  *(c->last ? &c->last->next : &c->first) = chunk;
  c->last = chunk;
  c->unsent += size;
  attend_to(c);
  pthread_mutex_unlock(&c->home->lock);
  return NULL;
}

static napi_value unsent(napi_env env, napi_callback_info info) {
  napi_value arguments[1], number;
  size_t size = 0;
  struct connection *c = called_for(env, info, 1, arguments);
  if (c) {
    pthread_mutex_lock(&c->home->lock);
    size = c->unsent;
    pthread_mutex_unlock(&c->home->lock);
  }
  return napi_create_double(env, (double)size, &number) == napi_ok ? number : NULL;
}

static napi_value keep_alive(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  double ms;
  struct connection *c = called_for(env, info, 2, arguments);
  if (!c) return NULL;
  if (napi_get_value_double(env, arguments[1], &ms) != napi_ok) {
    return refuse(env, "ERR_INVALID_ARG_TYPE", "afterMs is no number");
  }
  pthread_mutex_lock(&c->home->lock);
  // What the system takes; of NaN comes the least.
  c->keep_alive_seconds = ms >= 32767e3 ? 32767 : ms >= 1e3 ? (int)(ms / 1e3) : 1;
  attend_to(c);
  pthread_mutex_unlock(&c->home->lock);
  return NULL;
}

static napi_value close_connection(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct connection *c = called_for(env, info, 1, arguments);
  if (!c) return NULL;
  pthread_mutex_lock(&c->home->lock);
  c->is_closed = true;
  attend_to(c);
  pthread_mutex_unlock(&c->home->lock);
  forget(env, c);
  return NULL;
}

static napi_value ref(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct connection *c = called_for(env, info, 1, arguments);
  if (c) count(env, c, true);
  return NULL;
}

static napi_value unref(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct connection *c = called_for(env, info, 1, arguments);
  if (c) count(env, c, false);
  return NULL;
}

// ---- SHA-256

/** What a text or a Uint8Array consists of. */
struct bytes {
  const void *start;
  size_t size;
  char *own; // to be freed
};

static bool read_bytes(napi_env env, napi_value value, struct bytes *bytes) {
  bool is_array = false;
  napi_typedarray_type type;
  void *start;
  *bytes = (struct bytes){.start = ""};
  if (napi_is_typedarray(env, value, &is_array) == napi_ok && is_array) {
    if (napi_get_typedarray_info(env, value, &type, &bytes->size, &start, NULL, NULL) == napi_ok &&
        type == napi_uint8_array) {
      if (bytes->size > 0) bytes->start = start;
      return true;
    }
  } else if ((bytes->own = read_text(env, value, 0, &bytes->size))) {
    bytes->start = bytes->own;
    return true;
  }
  refuse(env, "ERR_INVALID_ARG_TYPE", "data and key are texts or Uint8Arrays");
  return false;
}

/** Of the loop's thread, whose queue of errors is Node's: it is left as it was. */
static napi_value digest(napi_env env, const struct bytes *key, const struct bytes *data) {
  unsigned char made[EVP_MAX_MD_SIZE];
  napi_value value;
  ERR_set_mark();
  bool is_made = false;
  if (!key) is_made = EVP_Digest(data->start, data->size, made, NULL, EVP_sha256(), NULL) == 1;
  else if (key->size <= INT_MAX) {
    is_made = HMAC(EVP_sha256(), key->start, (int)key->size, data->start, data->size, made, NULL) != NULL;
  }
  ERR_pop_to_mark();
  if (is_made) return bytes_of(env, made, SHA256, &value) ? value : NULL;
  napi_throw_error(env, "ERR_CRYPTO_OPERATION_FAILED", "OpenSSL makes no SHA-256");
  return NULL;
}

static napi_value sha256(napi_env env, napi_callback_info info) {
  napi_value arguments[1], value = NULL;
  struct bytes data;
  if (!called(env, info, 1, arguments) || !read_bytes(env, arguments[0], &data)) return NULL;
  value = digest(env, NULL, &data);
  free(data.own);
  return value;
}

static napi_value hmac_sha256(napi_env env, napi_callback_info info) {
  napi_value arguments[2], value = NULL;
  struct bytes key, data;
  if (!called(env, info, 2, arguments) || !read_bytes(env, arguments[0], &key)) return NULL;
  if (read_bytes(env, arguments[1], &data)) {
    value = digest(env, &key, &data);
    free(data.own);
  }
  if (key.own) OPENSSL_cleanse(key.own, key.size);
  free(key.own);
  return value;
}

// ---- the module

static void free_home(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  let_go_home(data);
}

NAPI_MODULE_INIT() {
  // Below 4 all versions of OpenSSL keep to one interface, whose first is 3.0.
  if (OpenSSL_version_num() >> 28 != OPENSSL_VERSION_MAJOR) {
    napi_throw_error(env, "ERR_DLOPEN_FAILED", "compiled for OpenSSL " OPENSSL_FULL_VERSION_STR);
    return NULL;
  }
  struct sockets *home = memory(sizeof *home);
  atomic_init(&home->holders, 1);
  pthread_mutex_init(&home->lock, NULL);
  if (napi_set_instance_data(env, home, free_home, NULL) != napi_ok) {
    let_go_home(home);
    return NULL;
  }
  napi_value version;
  if (!text_of(env, OPENSSL_FULL_VERSION_STR, &version)) return NULL;
#define METHOD(name, function) {name, NULL, function, NULL, NULL, NULL, napi_enumerable, home}
  const napi_property_descriptor members[] = {
      METHOD("start", start),
      METHOD("connect", connect_to),
      METHOD("send", send_text),
      METHOD("unsent", unsent),
      METHOD("keepAlive", keep_alive),
      METHOD("close", close_connection),
      METHOD("ref", ref),
      METHOD("unref", unref),
      METHOD("sha256", sha256),
      METHOD("hmacSha256", hmac_sha256),
      {"openssl", NULL, NULL, NULL, NULL, version, napi_enumerable, NULL},
  };
  return napi_define_properties(env, exports, sizeof members / sizeof *members, members) == napi_ok ? exports : NULL;
}
