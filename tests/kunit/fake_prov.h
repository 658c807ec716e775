/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Providers without hardware. A test takes one, tells it what to answer,
 * registers it, and looks afterwards at what it was asked.
 */
#ifndef _FAKE_PROV_H_
#define _FAKE_PROV_H_

#include <kunit/test.h>

#include <kfi_prov.h>

#define FAKE_PROVS	3

/**
 * struct fake_prov - one fake provider
 * @prov: what is registered
 * @registered: it is, so the end of the test must deregister it
 * @taken: a test uses it
 *
 * What it answers:
 * @getinfo_err: kgetinfo fails with this
 * @infos: kgetinfo answers so many infos, each with the name "fab0"
 * @bare: ... without fabric_attr
 * @offer: kgetinfo answers this if it matches, instead of @infos
 * @fabric_err: opening a fabric fails with this
 * @close_err: closing a fabric fails with this
 * @hook: called in kgetinfo and when a fabric is opened
 * @hook_arg: for @hook
 *
 * What it was asked:
 * @getinfos: calls of kgetinfo
 * @version: of the last one
 * @node: of the last one
 * @service: of the last one
 * @flags: of the last one
 * @hints: of the last one
 * @opened: fabrics opened
 * @open: fabrics that are open
 * @cleanups: calls of cleanup
 */
struct fake_prov {
	struct kfi_provider prov;
	bool registered;
	bool taken;

	int getinfo_err;
	int infos;
	bool bare;
	const struct kfi_info *offer;
	int fabric_err;
	int close_err;
	void (*hook)(void *arg);
	void *hook_arg;

	int getinfos;
	u32 version;
	const char *node;
	const char *service;
	u64 flags;
	const struct kfi_info *hints;
	atomic_t opened;
	atomic_t open;
	int cleanups;
};

struct fake_prov *fake_prov_get(struct kunit *test, const char *name,
				u32 version);
int fake_prov_register(struct fake_prov *fake);
int fake_prov_deregister(struct fake_prov *fake);
struct fake_prov *fake_prov_start(struct kunit *test, const char *name,
				  u32 version);
struct kfid_fabric *fake_prov_open(struct kunit *test, struct fake_prov *fake);

#endif /* _FAKE_PROV_H_ */
