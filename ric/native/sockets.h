/**
 * Sockets of one JavaScript environment, whose work is done by a thread beside Node's loop.
 *
 * `addon.c` is what JavaScript calls and hears, on the loop's thread; `network.c` is the thread that waits for the system;
 * `tls.c` is what it asks of OpenSSL; `connection.c` is what they share. Where threads meet there is one lock, and nothing
 * foreign (system calls that may wait, OpenSSL, JavaScript) is called while it is held.
 */
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define NAPI_VERSION 8

#include <node_api.h>
#include <openssl/ssl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/** What is heard of a connection. `KIND_NAMES` in addon.c has JavaScript's words. */
enum kind { CONNECTED, DATA, ENDED, FAILED, CLOSED };

/** How far a connection is. */
enum state { NEW, LOOKED_UP, CONNECTING, SHAKING_HANDS, OPEN, OVER };

/** What came of an attempt to read, to write or to shake hands. */
enum outcome { MOVED, BLOCKED, AT_END, BROKEN };

/** Why a connection failed, in Node's words. */
struct fault {
  char code[64];
  char message[512];
};

/** A text that is to be sent. */
struct chunk {
  struct chunk *next;
  size_t size;
  size_t taken; // by the system; of the network's thread
  char bytes[];
};

struct connection {
  struct sockets *home;
  atomic_int holders; // the table, the network's thread, the lists of the home, a lookup, each event on its way

  // Said once.
  uint64_t id;
  int port;
  bool is_tls;

  // Of the loop's thread.
  struct connection *next_in_row;
  bool is_known; // to JavaScript: it has neither closed it nor heard that it is closed
  bool is_counted; // keeps Node alive

  // Of both, under the home's lock.
  struct connection *next_to_attend, *next_to_find;
  bool is_to_attend;
  bool is_closed; // by JavaScript
  bool is_full; // too much of it is unheard, so nothing is read
  bool is_found; // the lookup is over
  int lookup_fault; // of getaddrinfo
  int lookup_errno; // for its EAI_SYSTEM
  struct addrinfo *found;
  struct chunk *first, *last;
  size_t unsent;
  size_t unheard;
  int keep_alive_seconds; // 0: none

  // Of the network's thread.
  struct connection *previous, *next;
  enum state state;
  struct addrinfo *addresses, *address; // all, and the one that is tried
  uint64_t turn_ends_at; // of that one, while it connects
  int fd; // -1: none
  SSL *session;
  uint32_t watched; // what epoll waits for; 0: it does not know the socket
  uint32_t wanted; // what it is to wait for
  int kept_alive_seconds;
  struct fault fault;

  char host[];
};

#define ROWS 64

struct sockets {
  atomic_int holders; // the environment, and each connection
  struct sockets *next; // of all that run; under the lock of that list

  // Of the loop's thread.
  napi_threadsafe_function heard;
  napi_threadsafe_function round; // NULL until something has to wait for it
  uint64_t latest;
  size_t counted;
  bool is_started; // its thread; others read it once it is
  struct connection *rows[ROWS];

  // Of both, under the lock.
  pthread_mutex_t lock;
  struct connection *to_attend;
  struct connection *first_to_find, *last_to_find;
  bool is_ending;
  bool is_broken; // its thread has given up, or cannot be woken
  bool is_abandoned; // its thread touches nothing any more
  int lookups; // that have a thread

  // Of the network's thread, between its start and its end.
  pthread_t thread;
  int epoll, waker;
  struct stat waker_is;
  struct connection *all;
  char *roots;
  SSL_CTX *trust;
  bool is_prepared; // OpenSSL has made its first hash
  unsigned char *room; // what is read into
};

/** Memory that is there: where the system has none left, the process ends, as Node does. */
void *memory(size_t size);

// connection.c

void hold(struct connection *);
/** The last one who lets go of it frees it. */
void let_go(struct connection *);
void let_go_home(struct sockets *);

// network.c

/** Starts the thread. @return 0 or an errno */
int start_network(struct sockets *);
/** Ends it, and returns when it has ended. May be called again. */
void stop_network(struct sockets *);
/** Has the thread look at a connection. Under the lock. */
void attend_to(struct connection *);

// addon.c

/** Hands an event to the loop's thread. `bytes` may be NULL. */
void tell(struct connection *, enum kind, const void *bytes, size_t size);

// tls.c

/** Makes a hash, for the first of which OpenSSL looks for what makes it. */
void prepare_hashes(void);
/** A context that trusts these certificates alone. @return NULL where OpenSSL refuses */
SSL_CTX *trust_in(const char *roots);
/** A session over a connected socket, which accepts nobody but `host`. @return NULL where OpenSSL refuses */
SSL *session_with(SSL_CTX *, int fd, const char *host);
enum outcome shake_hands(struct connection *);
enum outcome tls_read(struct connection *, void *room, size_t size, size_t *moved);
enum outcome tls_write(struct connection *, const void *bytes, size_t size, size_t *moved);
/** Says goodbye, where that can be done without waiting, and frees the session. */
void end_session(SSL *, bool is_polite);
/** Name of an errno: `ECONNRESET`. */
const char *name_of(int error);
/** Fills in the fault of a system call. @return BROKEN */
enum outcome broken_by(struct connection *, int error, const char *call);
