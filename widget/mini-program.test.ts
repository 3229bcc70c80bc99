import { expect, test, vi } from 'vitest';
import { leaveMiniProgram } from './mini-program.ts';

test('the back button goes back in the mini-program, by the SDK where there is one', () => {
  const back = vi.fn();
  const navigateBack = vi.fn();
  leaveMiniProgram({ wx: { miniProgram: { navigateBack } } }, back);
  expect(navigateBack).toHaveBeenCalledWith({ delta: 1 });
  expect(back).not.toHaveBeenCalled();
});

test('without the SDK the bridge of the web-view itself is asked', () => {
  const invoke = vi.fn();
  leaveMiniProgram({ WeixinJSBridge: { invoke } }, () => {});
  expect(invoke).toHaveBeenCalledWith(
    'invokeMiniProgramAPI',
    { name: 'navigateBack', arg: { delta: 1 } },
    expect.any(Function),
  );
});

test('where there is neither, the history goes back', () => {
  const back = vi.fn();
  leaveMiniProgram({ wx: {} }, back);
  expect(back).toHaveBeenCalledOnce();
});
